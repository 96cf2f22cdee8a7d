import type { DashboardView } from './dashboard-view.svelte.ts';
import { clockTime, wholeAge } from './format.ts';

/** What is said across the page when the connection is lost. */
export class Notice {
  /** Empty while there is nothing to say. */
  text: string = $state('');

  readonly #view: DashboardView;

  constructor(view: DashboardView) {
    this.#view = view;
  }

  /** Counts the seconds. */
  sampleText(): void {
    const { feed, host } = this.#view;
    const { status, fold } = feed;
    this.text = status.status === 'lost' ? lostText(status, fold.at, host.timestamp()) : '';
  }

  /** Everything in it is text. */
  sampleSlow(): void {
    this.sampleText();
  }
}

function lostText(
  { since, retryAt }: { readonly since: number; readonly retryAt?: number | undefined },
  shownAt: number,
  now: number,
): string {
  const retry =
    retryAt === undefined
      ? 'Trying again.'
      : `Trying again in ${wholeAge(Math.max(0, retryAt - now))}.`;
  const state = `You are looking at the last known state, ${clockTime(shownAt)}.`;
  return `Connection lost ${wholeAge(now - since)} ago. ${state} ${retry}`;
}
