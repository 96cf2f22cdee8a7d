import type { SluiceEvent } from '@sluice/core/events';
import { SecondRing } from './time-rings.ts';

/** How many notable events are kept; the oldest go first. */
export const KEPT_NOTABLE = 2_000;

/** What a caller may wait, in milliseconds, and be said not to have waited. */
export const MOMENT_MS = 5;

/** How far back a wait that was none is looked for, in events. */
const LOOKED_THROUGH = 64;

/** How many ordinary events a second are kept, so that a busy engine's trouble is not pushed out by its routine. */
const ORDINARY_A_SECOND = 3;

/**
 * The events that changed a state: pools, gates, channels, faults, and what failed. Of the leases' everyday coming and
 * going a few a second are kept. Progress inside a call is not notable.
 */
export class NotableLog {
  #events: SluiceEvent[] = [];
  readonly #seen: SecondRing = new SecondRing();
  readonly #kept: SecondRing = new SecondRing();
  #second = 0;
  /** Of the events of everyday in that second: how many there were, and how many were kept. */
  #seenNow = 0;
  #keptNow = 0;
  /** Moves with every event that is kept. */
  version = 0;

  /** Keeps an event if it is notable. */
  add(event: SluiceEvent): void {
    if (event.type === 'lease.acquired' && event.waitMs < MOMENT_MS) this.#forgetWait(event.waiter);
    const interest = interestOf(event);
    if (interest === 'none') return;
    if (interest === 'ordinary' && !this.#hasRoom(event.at)) return;
    this.#events.push(event);
    this.version += 1;
    if (this.#events.length >= KEPT_NOTABLE * 2) this.#events = this.#events.slice(-KEPT_NOTABLE);
  }

  /** Tells of how many events of everyday one was kept in the four seconds before `second`; 1 when all were. */
  oneIn(second: number): number {
    const kept = this.#kept.sum(second - 5, second - 1);
    return kept === 0 ? 1 : Math.round(this.#seen.sum(second - 5, second - 1) / kept);
  }

  /** Gives the latest `count` events that happened no later than `at`, the newest first. */
  latest(at: number, count: number): readonly SluiceEvent[] {
    const latest: SluiceEvent[] = [];
    for (let i = this.#events.length - 1; i >= 0 && latest.length < count; i -= 1) {
      const event = this.#events[i];
      if (event !== undefined && event.at <= at) latest.push(event);
    }
    return latest;
  }

  /** All that is kept, the oldest first. */
  toArray(): readonly SluiceEvent[] {
    return this.#events.slice(-KEPT_NOTABLE);
  }

  /** Takes over what another fold kept. */
  load(events: readonly SluiceEvent[]): void {
    this.#events = events.slice(-KEPT_NOTABLE);
    this.version += 1;
  }

  /** Who stands in line while a client is made for it is announced as waiting; served at once, it never waited. */
  #forgetWait(waiter: number | undefined): void {
    if (waiter === undefined) return;
    const from = Math.max(0, this.#events.length - LOOKED_THROUGH);
    const index = this.#events
      .slice(from)
      .findLastIndex((event) => event.type === 'lease.waiting' && event.waiter === waiter);
    if (index >= 0) this.#events.splice(from + index, 1);
  }

  #hasRoom(at: number): boolean {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) this.#begin(second);
    this.#seenNow += 1;
    if (this.#keptNow >= ORDINARY_A_SECOND) return false;
    this.#keptNow += 1;
    return true;
  }

  #begin(second: number): void {
    this.#seen.write(this.#second, this.#seenNow);
    this.#kept.write(this.#second, this.#keptNow);
    this.#second = second;
    this.#seenNow = 0;
    this.#keptNow = 0;
  }
}

type Interest = 'always' | 'ordinary' | 'none';

function interestOf(event: SluiceEvent): Interest {
  switch (event.type) {
    case 'lease.acquired':
    case 'lease.released':
    case 'lease.waiting':
      return 'ordinary';
    case 'lease.refused':
      return event.reason === 'aborted' ? 'ordinary' : 'always';
    case 'target.limits':
      return isNearLimit(event) ? 'ordinary' : 'none';
    case 'attempt.failed':
      return event.kind === 'aborted' ? 'none' : 'always';
    default:
      return NEVER.test(event.type) ? 'none' : 'always';
  }
}

/** Progress inside a call, a run or a message, and the upkeep of clients. What is unknown is shown: it may matter. */
const NEVER =
  /^(attempt\.(started|firstByte|firstContent|finished)|call\.|route\.|run\.(started|turn|firstContent|tool|finished)|send\.(started|finished)|message\.(received|duplicate|queued|started|replied|ignored)|client\.(creating|created|checking|checked|destroyed)|target\.(added|probed))/;

function isNearLimit(event: Extract<SluiceEvent, { readonly type: 'target.limits' }>): boolean {
  return [event.requests, event.inputTokens, event.outputTokens].some(
    (budget) => budget !== undefined && budget.remaining <= budget.limit * 0.1,
  );
}
