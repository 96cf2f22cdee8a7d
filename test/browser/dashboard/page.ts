import { afterEach } from 'vitest';
import { page } from 'vitest/browser';
import type {
  MountedDashboard,
  MountOptions,
} from '../../../packages/dashboard/src/element/mount.ts';
import { mountDashboard } from '../../../packages/dashboard/src/element/index.ts';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import type { DashboardSource } from '../../../packages/dashboard/src/sources/source.ts';
import { SHOT_AT, toldStory } from '../../support/dashboard-engine.ts';

/** A dashboard in the test's page, and where its parts are. */
export interface Shown extends MountedDashboard {
  readonly root: ShadowRoot;
  /** Finds a part that must be there. */
  part(selector: string): HTMLElement;
}

let shown: Shown | undefined;

afterEach(() => {
  shown?.unmount();
  shown = undefined;
  document.body.replaceChildren();
  localStorage.clear();
});

/** Shows a dashboard that fills a viewport. */
export async function show(
  source: DashboardSource,
  { width = 1440, height = 900, ...options }: Partial<MountOptions> & Size = {},
): Promise<Shown> {
  await page.viewport(width, height);
  document.documentElement.lang = 'en';
  document.body.style.margin = '0';
  const place = document.createElement('div');
  place.style.height = `${height}px`;
  document.body.append(place);
  const mounted = mountDashboard(place, { source, ...options });
  const root = mounted.element.shadowRoot;
  if (root === null) throw new Error('The element has no shadow root');
  shown = { ...mounted, root, part: (selector) => partOf(root, selector) };
  return shown;
}

/** How large the viewport is. */
export interface Size {
  readonly width?: number;
  readonly height?: number;
}

/** A source that tells the support desk's story up to its last moment and then stands still. */
export function storySource(): DashboardSource {
  const { engine, history } = toldStory(SHOT_AT);
  return localSource({
    snapshot: () => engine.snapshot(),
    events$: engine.events$,
    history: () => history,
  });
}

/** Far more than anything takes, on a machine that does other things too. */
const DEADLINE_MS = 30_000;

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) {
      throw new Error(`Still not so after ${DEADLINE_MS} ms: ${what}`);
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

function partOf(root: ShadowRoot, selector: string): HTMLElement {
  const part = root.querySelector<HTMLElement>(selector);
  if (part === null) throw new Error(`There is no ${selector}`);
  return part;
}
