import type { DashboardView } from './dashboard-view.svelte.ts';

/** How far from the shown moment another one is, at least. */
const APART_MS = 2_000;

/** Looks at the notable event before (-1) or after (1) the moment that is shown. */
export function toNotable(view: DashboardView, direction: -1 | 1): void {
  const all = view.feed.fold.notable.toArray();
  const { at } = view.frame;
  const event =
    direction < 0
      ? all.findLast((candidate) => candidate.at < at - APART_MS)
      : all.find((candidate) => candidate.at > at + APART_MS);
  if (event !== undefined) view.lookAt(event.at);
  else if (direction > 0) view.backToLive();
}

/** Looks back as far as there is something to see. */
export function toOldest(view: DashboardView): void {
  const { oldestAt } = view.feed.frames;
  if (oldestAt !== undefined) view.lookAt(oldestAt);
}
