import type { Feed } from '../state/feed.ts';
import { clockTime, plural, wholeAge } from './format.ts';
import { messages } from './messages.ts';
import { shown } from './untrusted.ts';

/** What the header and the clock say of the connection and of time. */
export class HeaderText {
  /** The engine's name. */
  name: string = $state('');
  /** `pid 4121 · live, 38 ms behind`. */
  detail: string = $state('');
  isBehind: boolean = $state(false);
  look: 'live' | 'waiting' | 'lost' | 'paused' = $state('waiting');
  clock: string = $state('—');
  /** How long ago the shown moment was; empty when it is now. */
  ago: string = $state('');
  errors: string = $state('');

  /** Writes all of it. `shownAt` is the moment that is looked back at, in epoch milliseconds. */
  sample(feed: Feed, lookBack: { readonly at: number; readonly missed: number } | undefined): void {
    const { fold, status } = feed;
    const at = lookBack?.at ?? fold.at;
    const pid = fold.engine?.process?.pid;
    this.name = shown(fold.engine?.name ?? '', 200);
    this.isBehind = status.status === 'live' && feed.behindMs > 1_000;
    this.look = lookOf(feed, lookBack !== undefined);
    this.detail = [pid === undefined ? undefined : `pid ${pid}`, detailOf(feed, lookBack?.missed)]
      .filter((part) => part !== undefined)
      .join(' · ');
    this.clock = fold.engine === undefined ? '—' : clockTime(at);
    this.ago = lookBack === undefined ? '' : `${wholeAge(fold.at - lookBack.at)} ago`;
  }
}

function lookOf({ status }: Feed, isPaused: boolean): HeaderText['look'] {
  if (status.status === 'lost') return 'lost';
  if (isPaused) return 'paused';
  return status.status === 'live' ? 'live' : 'waiting';
}

function detailOf(feed: Feed, missed: number | undefined): string {
  const { status, behindMs, lost } = feed;
  if (status.status === 'lost') return messages.feed.lost;
  if (missed !== undefined) return messages.feed.paused(missed);
  if (status.status === 'ended') return messages.feed.ended;
  if (status.status !== 'live') return messages.feed.connecting;
  const live = behindMs > 1_000 ? messages.feed.behind(behindMs) : messages.feed.live(behindMs);
  return lost === 0 ? live : `${live}, ${plural(lost, 'event')} not shown`;
}
