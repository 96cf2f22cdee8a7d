import type { DashboardSource } from '../sources/source.ts';
import type { SluiceDashboardElement } from './element-type.ts';
import { defineDashboardElement, TAG } from './sluice-dashboard.ts';

/** What to show, and how. */
export interface MountOptions {
  readonly source: DashboardSource;
  /** Default: the reader's own choice, at first as the system says. */
  readonly theme?: 'auto' | 'light' | 'dark' | undefined;
  /** Leaves out the rail and the tide line. Default false. */
  readonly compact?: boolean | undefined;
  /**
   * Keeps what is open, the window and the moment that is looked back at in the fragment of the page's address, and
   * follows it. Default false: the address is the page's own.
   */
  readonly hash?: boolean | undefined;
}

/** A dashboard in a page. */
export interface MountedDashboard {
  readonly element: SluiceDashboardElement;
  /** Takes it out of the page and lets go of its source. Safe to call twice. */
  unmount(): void;
}

/** Puts a dashboard into an element of the page. It is as large as that element lets it be. */
export function mountDashboard(target: Element, options: MountOptions): MountedDashboard {
  defineDashboardElement();
  const element = target.ownerDocument.createElement(TAG) as SluiceDashboardElement;
  element.source = options.source;
  element.theme = options.theme;
  element.compact = options.compact ?? false;
  element.hash = options.hash ?? false;
  element.style.height = '100%';
  target.append(element);
  return { element, unmount: () => element.remove() };
}
