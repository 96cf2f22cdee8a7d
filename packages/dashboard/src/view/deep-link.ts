import type { DashboardView } from './dashboard-view.svelte.ts';
import { clockTime } from './format.ts';
import { DEFAULT_PREFERENCES, WINDOWS_MS } from './preferences.ts';
import type { Subject } from './verdict.ts';

/** How the kinds of subjects are called in a link. */
const PLACES: Readonly<Record<Subject['kind'], string>> = { pool: 'pools', channel: 'channels' };
const DAY_MS = 86_400_000;

/** The link to the Overview as it is when one comes. */
export const NOTHING_OPEN = '#/overview';

/**
 * Writes what is shown as the fragment of an address: `#/overview/pools/anthropic?at=14:03:22&w=15m`. The moment is in it
 * while one looks back, the window unless it is the usual one.
 */
export function linkOf(view: DashboardView): string {
  const subject = view.stack.current;
  const path =
    subject === undefined ? '' : `/${PLACES[subject.kind]}/${encodeURIComponent(subject.name)}`;
  const query = [
    ...(view.isPaused ? [`at=${clockTime(view.frame.at)}`] : []),
    ...(view.windowMs === DEFAULT_PREFERENCES.windowMs ? [] : [`w=${view.windowMs / 60_000}m`]),
  ];
  return `${NOTHING_OPEN}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** Shows what a link says, as far as it can be understood and was recorded. */
export function followLink(view: DashboardView, link: string): void {
  const match = /^#\/overview(?:\/(pools|channels)\/([^?]+))?(?:\?(.*))?$/.exec(link);
  if (match === null) return;
  const [, place, name, query] = match;
  const subject = subjectOf(place, name);
  if (subject === undefined) view.closeDrawer();
  else view.openDrawer(subject);
  const asked = new URLSearchParams(query);
  const minutes = Number.parseInt(asked.get('w') ?? '', 10);
  const windowMs = WINDOWS_MS.find((known) => known === minutes * 60_000);
  if (windowMs !== undefined) view.setWindow(windowMs);
  const at = momentOf(asked.get('at'), view.feed.fold.at);
  const { oldestAt } = view.feed.frames;
  if (at === undefined) view.backToLive();
  else if (oldestAt !== undefined && at >= oldestAt - 1_000) view.lookAt(at);
}

function subjectOf(place: string | undefined, name: string | undefined): Subject | undefined {
  if (name === undefined) return undefined;
  try {
    return { kind: place === 'pools' ? 'pool' : 'channel', name: decodeURIComponent(name) };
  } catch {
    return undefined; // a percent sign that stands for nothing
  }
}

/** The last moment before `now` at which a clock of this page's zone showed a time of day. */
function momentOf(time: string | null, now: number): number | undefined {
  const parts = /^(\d\d):(\d\d):(\d\d)$/.exec(time ?? '');
  if (parts === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  const at = new Date(now).setHours(hours, minutes, seconds, 999);
  return at > now + 1_000 ? at - DAY_MS : at;
}
