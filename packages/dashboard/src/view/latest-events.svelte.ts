import type { DashboardView } from './dashboard-view.svelte.ts';
import type { Feed } from '../state/feed.ts';
import { type EventLine, eventLine } from './event-line.ts';
import { count } from './format.ts';

/** How many events the Overview lists. */
const LISTED = 12;

/** The latest events that changed a state, the newest first. Holds still while somebody reads. */
export class LatestEvents {
  lines: readonly EventLine[] = $state.raw([]);
  /** How many events there are a second, and how many of them are listed. */
  rate: string = $state('');
  /** Whether the pointer or the focus is in the list: rows that are being read do not move. */
  isRead = false;

  readonly #view: DashboardView;
  #shown = '';

  constructor(view: DashboardView) {
    this.#view = view;
  }

  /** Lists them anew, each second, if there are other ones. */
  sampleSlow(): void {
    const { frame, feed } = this.#view;
    this.rate = rateOf(feed);
    const latest = feed.fold.notable.latest(frame.at, LISTED);
    const shown = `${latest[0]?.epoch} ${latest[0]?.seq} ${latest.length}`;
    if (shown === this.#shown || (this.isRead && !this.#view.isPaused)) return;
    this.#shown = shown;
    this.lines = latest.map(eventLine);
  }
}

function rateOf({ fold }: Feed): string {
  const second = Math.floor(fold.at / 1000);
  const rate = `${count(fold.eventRate.sum(second - 5, second - 1) / 4)} a second`;
  const oneIn = fold.notable.oneIn(second);
  return oneIn > 1
    ? `${rate}, showing 1 in ${count(oneIn)} events; counts stay exact`
    : `${rate}, showing what changed state`;
}
