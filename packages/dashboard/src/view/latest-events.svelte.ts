import type { DashboardView } from './dashboard-view.svelte.ts';
import { type EventLine, eventLine } from './event-line.ts';

/** How many events the Overview lists. */
const LISTED = 12;

/** The latest events that changed a state, the newest first. Holds still while somebody reads. */
export class LatestEvents {
  lines: readonly EventLine[] = $state.raw([]);
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
    const latest = feed.fold.notable.latest(frame.at, LISTED);
    const shown = `${latest[0]?.epoch} ${latest[0]?.seq} ${latest.length}`;
    if (shown === this.#shown || (this.isRead && !this.#view.isPaused)) return;
    this.#shown = shown;
    this.lines = latest.map(eventLine);
  }
}
