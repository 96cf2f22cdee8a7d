import type { Clock } from '../base/clock.ts';
import { Alarm } from './alarm.ts';
import { Deadlines } from './deadlines.ts';
import { FairOrder, type TenantOptions } from './fair-order.ts';
import { Waiter, type WaitRequest } from './waiter.ts';

/** How a line is kept, and who hears of waits that end by themselves. */
export interface WaitersOptions<T, P> {
  readonly clock: Clock;
  /** Weights by tenant; a tenant that is not named weighs 1. */
  readonly tenants: Readonly<Record<string, TenantOptions>>;
  /** A waiter's time was up. It has left the line; the owner rejects it. */
  readonly onTimeout: (waiter: Waiter<T, P>, waitedMs: number) => void;
  /** A waiter's signal was aborted. It has left the line; the owner rejects it. */
  readonly onAbort: (waiter: Waiter<T, P>, waitedMs: number) => void;
}

/**
 * How long the timer holds a Node process after the last waiter was served. It is armed in pieces of at most this
 * length: cancelling it whenever the line runs empty would cost more than all the rest of a hand-over.
 */
const HOLD_MS = 250;

/** From which delay on a timer tells of a blocked event loop (or of a computer asleep) rather than of a busy one. */
const BLOCKED_MS = 100;

/** How long the loop may run after a block before deadlines are judged: what came free meanwhile is handed out first. */
const RECHECK_MS = 10;

/**
 * The waiting line: first come, first served, within fair shares of tenants and by priority. A waiter ends exactly once:
 * it leaves the line first, by `take`, `leave`, its deadline or its signal, and is settled by whoever took it out.
 */
export class Waiters<T, P = undefined> {
  readonly #clock: Clock;
  readonly #order: FairOrder<T, P>;
  readonly #deadlines = new Deadlines<T, P>();
  readonly #alarm: Alarm;
  readonly #options: WaitersOptions<T, P>;
  #lastId = 0;
  #isRechecking = false;

  constructor(options: WaitersOptions<T, P>) {
    this.#options = options;
    this.#clock = options.clock;
    this.#order = new FairOrder(options.tenants);
    this.#alarm = new Alarm({
      clock: options.clock,
      unref: false,
      onRing: (now, lateMs) => this.#onRing(now, lateMs),
    });
  }

  /** How many wait. */
  get size(): number {
    return this.#order.size;
  }

  /** The number that the last newcomer got; a caller refused at the door takes none. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Puts a caller into the line. Without `timeoutMs` it waits for as long as it takes. */
  join(
    request: WaitRequest & { readonly payload: P; readonly timeoutMs?: number | undefined },
  ): Waiter<T, P> {
    const now = this.#clock.now();
    this.#lastId += 1;
    const waiter = new Waiter<T, P>(this, { id: this.#lastId, now }, request);
    this.#order.add(waiter, request.tenant, request.priority ?? 0);
    const { timeoutMs } = request;
    if (timeoutMs !== undefined) {
      this.#deadlines.add(waiter, timeoutMs);
      this.#alarm.ringBy(now + Math.min(timeoutMs, HOLD_MS), now);
    }
    request.signal?.addEventListener('abort', waiter);
    return waiter;
  }

  /** Takes the waiter whose turn it is, among those that `accepts` takes. The caller settles it. */
  take(accepts?: (waiter: Waiter<T, P>) => boolean): Waiter<T, P> | undefined {
    const waiter = this.#order.take(accepts);
    if (waiter !== undefined) this.#forget(waiter);
    return waiter;
  }

  /** The waiter that `take` would take, without taking it. */
  peek(accepts?: (waiter: Waiter<T, P>) => boolean): Waiter<T, P> | undefined {
    return this.#order.peek(accepts);
  }

  /** Takes a waiter out of the line, wherever it stands. The caller settles it if this says true. */
  leave(waiter: Waiter<T, P>): boolean {
    if (!this.#order.remove(waiter)) return false;
    this.#forget(waiter);
    return true;
  }

  /** Who waits, in the order of service as far as it is known now. */
  inOrder(): IterableIterator<Waiter<T, P>> {
    return this.#order.inOrder();
  }

  /** The place of a waiter in the order of service, from 1. */
  positionOf(waiter: Waiter<T, P>): number {
    if (waiter.behind === undefined && this.#order.isSingleLine) return this.size;
    let position = 1;
    for (const other of this.inOrder()) {
      if (other === waiter) return position;
      position += 1;
    }
    return position;
  }

  /** Stops the timer. For an owner that has emptied the line and ends. */
  stop(): void {
    this.#alarm.stop();
  }

  /** Hears the signal of a waiter: for `Waiter` alone. */
  abortWaiter(waiter: Waiter<T, P>): void {
    if (!this.leave(waiter)) return;
    this.#options.onAbort(waiter, this.#clock.now() - waiter.since);
  }

  /** Its deadline list stays known to the waiter, for whoever reports how long it would have waited. */
  #forget(waiter: Waiter<T, P>): void {
    this.#deadlines.remove(waiter);
    waiter.signal?.removeEventListener('abort', waiter);
  }

  #onRing(now: number, lateMs: number): void {
    if (this.size === 0) {
      this.#isRechecking = false;
      return;
    }
    // After a block, answers and releases wait behind this timer: deadlines are judged once those have had their turn.
    if (lateMs > BLOCKED_MS && !this.#isRechecking) {
      this.#isRechecking = true;
      this.#alarm.ringBy(now + RECHECK_MS, now);
      return;
    }
    this.#isRechecking = false;
    this.#expire(now);
    const next = Math.min(this.#deadlines.nextDueAt, now + HOLD_MS);
    if (this.size > 0) this.#alarm.ringBy(next, now);
  }

  #expire(now: number): void {
    for (;;) {
      const waiter = this.#deadlines.firstDue(now);
      if (waiter === undefined || !this.leave(waiter)) return;
      this.#options.onTimeout(waiter, now - waiter.since);
    }
  }
}
