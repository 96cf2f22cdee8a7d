import { invariant } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { RefusalReason } from '../events/pool-event.ts';
import { toEventError } from '../events/redact.ts';
import {
  PoolAcquireTimeoutError,
  type PoolCreateError,
  PoolQueueFullError,
} from '../pool/errors.ts';
import type { TenantOptions } from '../pool/fair-order.ts';
import { stackless } from '../pool/stackless.ts';
import type { Waiter } from '../pool/waiter.ts';
import { Waiters } from '../pool/waiters.ts';
import type { ClientPoolEventDraft } from './events.ts';
import { canServe, type Grant, hasRoom, isAskable, lend, standFor, type Wish } from './lending.ts';
import type { Member, MemberLine } from './member.ts';
import { refusalOf } from './refusal.ts';

/** Where a waiter stands. It may move. */
interface Place {
  readonly wish: Wish;
  readonly timeoutMs: number;
  member: Member;
}

type Caller = Waiter<Grant, Place>;

/** A wait that ended without a lease. An abort has no error of ours: its reason is the caller's own. */
interface RefusedWait {
  readonly waiter?: number;
  readonly waitMs: number;
  readonly error?: Error;
}

/** How a line is made. */
export interface WaitingLineOptions {
  readonly clock: Clock;
  readonly bus: EventBus<ClientPoolEventDraft>;
  readonly tenants: Readonly<Record<string, TenantOptions>>;
}

/**
 * The one line of a client pool. A caller waits for any of several providers at once and is served by the first that
 * can; to be counted and shown it stands at the one where it would go to first.
 *
 * Who can be served at once never enters it: then there is no promise, no timer and no listener.
 */
export class WaitingLine implements MemberLine {
  readonly #options: WaitingLineOptions;
  readonly #waiters: Waiters<Grant, Place>;
  #isServing = false;
  #isServiceDue = false;

  constructor(options: WaitingLineOptions) {
    const { clock, tenants } = options;
    this.#options = options;
    this.#waiters = new Waiters<Grant, Place>({
      clock,
      tenants,
      onTimeout: (waiter, waitedMs) => this.#onTimeout(waiter, waitedMs),
      onAbort: (waiter, waitedMs) => this.#onAbort(waiter, waitedMs),
    });
  }

  /**
   * Lends a client at once, or promises one.
   *
   * @throws {CircuitOpenError} {RateLimitedError} {PoolDrainingError} {PoolClosedError} when nobody will serve in time.
   * @throws {PoolQueueFullError} when as many wait as may.
   */
  acquire(wish: Wish): Grant | Promise<Grant> {
    // Who comes never overtakes who waits: not even from inside an event, while a client is on its way to a waiter.
    const grant = this.#waiters.size === 0 ? lend(wish) : undefined;
    return grant ?? this.#wait(wish);
  }

  /** Who stands at a member, in the order of service. */
  at(member: Member): readonly Caller[] {
    if (member.waiting === 0) return [];
    return [...this.#waiters.inOrder()].filter(({ payload }) => payload.member === member);
  }

  /** Serves whom it can, the one who waited longest first. A loop, never twice at a time: it may be called from an event. */
  serve(): void {
    this.#isServiceDue = true;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#isServiceDue) {
      this.#isServiceDue = false;
      while (this.#options.bus.together(() => this.#serveOne()));
    }
    this.#isServing = false;
  }

  /** Looks at everybody anew after something changed that they wait for: refuses, moves and serves them. */
  reconsider(): void {
    if (this.#waiters.size === 0) return;
    const nowMs = this.#options.clock.now();
    for (const waiter of Array.from(this.#waiters.inOrder())) {
      const { wish, timeoutMs, member } = waiter.payload;
      const leftMs = waiter.since + timeoutMs - nowMs;
      const refusal = refusalOf(wish, leftMs);
      if (refusal !== undefined) this.#dismiss(waiter, refusal.reason, refusal.error);
      else if (!isAskable(member, wish)) this.#move(waiter, standFor(wish));
    }
    this.serve();
  }

  /** Sends those who stand at a member whose clients cannot be made to another, and refuses one if that is the policy. */
  onCreateFailed(member: Member, error: PoolCreateError, policy: 'fail' | 'retry'): void {
    for (const waiter of this.at(member)) {
      const { wish } = waiter.payload;
      const others = wish.members.filter((other) => other !== member && isAskable(other, wish));
      const next = others.find(hasRoom) ?? others[0];
      if (next !== undefined) this.#move(waiter, next);
    }
    const [first] = this.at(member);
    if (first !== undefined && policy === 'fail') this.#dismiss(first, 'createFailed', error);
    this.serve();
  }

  /** Refuses everybody. */
  clear(reason: RefusalReason, errorFor: (member: Member) => Error): void {
    for (const waiter of Array.from(this.#waiters.inOrder())) {
      this.#dismiss(waiter, reason, errorFor(waiter.payload.member));
    }
  }

  /** Stops its timer, once it is empty for good. */
  stop(): void {
    this.#waiters.stop();
  }

  #wait(wish: Wish): Promise<Grant> {
    const member = standFor(wish);
    const { acquireTimeoutMs, maxWaiters } = member.port.limits;
    const { timeoutMs = acquireTimeoutMs } = wish;
    const refusal = refusalOf(wish, timeoutMs);
    if (refusal !== undefined) this.#turnAway(member, refusal.reason, refusal.error);
    const stats = member.port.stats;
    const moment = { pool: member.name, stats, waitedMs: 0 };
    if (stats.waiting >= maxWaiters + Math.max(0, stats.maxSize - stats.inUse)) {
      this.#turnAway(member, 'queueFull', new PoolQueueFullError(moment, maxWaiters));
    }
    if (timeoutMs === 0) {
      this.#turnAway(member, 'timeout', new PoolAcquireTimeoutError(moment, timeoutMs));
    }
    const { promise } = this.#join(wish, member, timeoutMs);
    this.serve();
    return promise;
  }

  /** Refuses a caller before it could wait. @throws always. */
  #turnAway(member: Member, reason: RefusalReason, error: Error): never {
    this.#tell(member, reason, { waitMs: 0, error });
    throw error;
  }

  #join(wish: Wish, member: Member, timeoutMs: number): Caller {
    const { label, priority, tenant } = wish;
    const payload: Place = { wish, timeoutMs, member };
    const signal = wish.signal();
    const waiter = this.#waiters.join({ label, priority, tenant, signal, timeoutMs, payload });
    member.waiting += 1;
    this.#announce(waiter);
    member.port.serve(); // it makes a client for who waits, when there is room for one
    return waiter;
  }

  #serveOne(): boolean {
    if (this.#waiters.size === 0) return false;
    const waiter = this.#waiters.take(({ payload }) => canServe(payload.wish));
    if (waiter === undefined) return false;
    const { wish, member } = waiter.payload;
    member.waiting -= 1;
    const waitMs = this.#options.clock.now() - waiter.since;
    const grant = lend(wish, { waiter: waiter.id, waitMs });
    invariant(grant !== undefined, 'a pool did not lend what it said it could');
    waiter.resolve(grant);
    return true;
  }

  #move(waiter: Caller, member: Member): void {
    const place = waiter.payload;
    // Moving another one may have served this one meanwhile: then it stands nowhere.
    if (waiter.line === undefined || place.member === member) return;
    place.member.waiting -= 1;
    place.member = member;
    member.waiting += 1;
    this.#announce(waiter);
    member.port.serve();
  }

  #onTimeout(waiter: Caller, waitedMs: number): void {
    const { member, timeoutMs } = waiter.payload;
    member.waiting -= 1;
    const moment = { pool: member.name, stats: member.port.stats, waitedMs };
    const { lastCreateError } = member.port;
    const error = stackless(() => new PoolAcquireTimeoutError(moment, timeoutMs, lastCreateError));
    this.#tell(member, 'timeout', { waiter: waiter.id, waitMs: waitedMs, error });
    waiter.reject(error);
  }

  #onAbort(waiter: Caller, waitMs: number): void {
    const { member } = waiter.payload;
    member.waiting -= 1;
    this.#tell(member, 'aborted', { waiter: waiter.id, waitMs });
    waiter.reject(waiter.signal?.reason);
  }

  #dismiss(waiter: Caller, reason: RefusalReason, error: Error): void {
    if (!this.#waiters.leave(waiter)) return; // an observer of an earlier refusal ended its wait
    const { member } = waiter.payload;
    member.waiting -= 1;
    const waitMs = this.#options.clock.now() - waiter.since;
    this.#tell(member, reason, { waiter: waiter.id, waitMs, error });
    waiter.reject(error);
  }

  /** Counts and tells that a caller ends without a lease. */
  #tell(member: Member, reason: RefusalReason, { waiter, waitMs, error }: RefusedWait): void {
    const told = error === undefined ? undefined : toEventError(error);
    member.port.refuse({ reason, waiter, waitMs, error: told });
  }

  #announce(waiter: Caller): void {
    const { bus } = this.#options;
    if (!bus.isObserved) return;
    const { id, label, payload } = waiter;
    const { member, timeoutMs, wish } = payload;
    bus.emit({
      type: 'lease.waiting',
      pool: member.name,
      waiter: id,
      position: this.at(member).indexOf(waiter) + 1,
      waiting: member.waiting,
      timeoutMs,
      label,
      tenant: wish.tenant,
      priority: wish.priority ?? 0,
    });
  }
}
