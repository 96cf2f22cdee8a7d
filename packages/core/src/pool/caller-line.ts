import type { EventBus } from '../base/event-bus.ts';
import type { PoolEventDraft, RefusalReason } from '../events/pool-event.ts';
import type { PoolStats } from '../events/snapshot.ts';
import type { Lease } from './lease.ts';
import type { AcquireOptions, LiveOptions } from './options.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { Shedder } from './shedding.ts';
import { stackless } from './stackless.ts';
import type { WaitCounts } from './stats.ts';
import type { Waiter } from './waiter.ts';
import { Waiters } from './waiters.ts';

/** A caller in line; its payload is where it acquired, if that is recorded. */
export type Caller<R> = Waiter<Lease<R>, string | undefined>;

/** What the line needs of its pool. */
export interface CallerLineOptions<R> {
  readonly live: LiveOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  readonly stats: () => PoolStats;
  /** The error of the last create, if it failed. */
  readonly lastCreateError: () => unknown;
}

/** The pool's own line of callers: how they join it, and all the ways in which one ends without a lease. */
export class CallerLine<R> {
  readonly #pool: CallerLineOptions<R>;
  readonly #waiters: Waiters<Lease<R>, string | undefined>;
  readonly #refusals: Refusals<R>;
  #shedder: Shedder | undefined;

  constructor(pool: CallerLineOptions<R>) {
    const { clock, tenants } = pool.live.current;
    this.#pool = pool;
    this.#refusals = new Refusals<R>(pool);
    this.#waiters = new Waiters({
      clock,
      tenants,
      onTimeout: (caller, waitedMs) => {
        const { timeoutMs = 0, payload: stack } = caller;
        const error = stackless(() => this.#refusals.timeout(waitedMs, timeoutMs), stack);
        this.refuse(caller, 'timeout', error);
      },
      onAbort: (caller) => this.refuse(caller, 'aborted', caller.signal?.reason),
    });
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /** How many ended without a lease. */
  get counts(): Omit<WaitCounts, 'waiting'> {
    return this.#refusals.counts;
  }

  /** Who waits, in the order of service. */
  inOrder(): Iterable<Caller<R>> {
    return this.#waiters.inOrder();
  }

  /** Puts a caller into the line, where `servable` others can be served without anybody giving anything back. */
  join(
    options: AcquireOptions,
    { servable, stack }: { readonly servable: number; readonly stack: string | undefined },
  ): Promise<Lease<R>> {
    const { acquireTimeoutMs, maxWaiters } = this.#pool.live.current;
    const { signal, timeoutMs = acquireTimeoutMs } = options;
    if (signal?.aborted === true) return this.refuseNew('aborted', signal.reason);
    if (timeoutMs === 0) return this.refuseNew('timeout', this.#refusals.timeout(0, 0));
    if (this.size >= maxWaiters + servable) {
      return this.refuseNew('queueFull', this.#refusals.queueFull());
    }
    const caller = this.#waiters.join({ ...options, timeoutMs, payload: stack });
    if (this.#pool.bus.isObserved) this.#tell(caller);
    return signal === undefined ? caller.promise : unlessAborted(caller.promise, signal);
  }

  /** Takes out the caller whose turn it is. Whoever takes a caller out is the one to settle it: so it ends once. */
  take(): Caller<R> | undefined {
    return this.#waiters.take();
  }

  /** Under standing overload, refuses those who have waited too long already. */
  shed(): void {
    if (this.#shedder === undefined) return;
    const now = this.#pool.live.current.clock.now();
    for (let caller = this.#waiters.peek(); caller !== undefined; caller = this.#waiters.peek()) {
      const waitedMs = now - caller.since;
      if (!this.#shedder.refuses(waitedMs, now)) return;
      this.#waiters.leave(caller);
      const error = stackless(() => this.#refusals.shed(waitedMs), caller.payload);
      this.refuse(caller, 'shed', error);
    }
    this.#shedder.relax();
  }

  /** Refuses a caller who has left the line. */
  refuse(caller: Caller<R>, reason: RefusalReason, error: unknown): void {
    this.#refusals.refuse(caller, reason, error);
  }

  /** Refuses a caller before it has waited. */
  refuseNew(reason: RefusalReason, error: unknown): Promise<never> {
    return this.#refusals.atDoor(reason, error);
  }

  /** Refuses everybody. */
  refuseAll(reason: RefusalReason, error: () => unknown): void {
    for (let caller = this.take(); caller !== undefined; caller = this.take()) {
      this.refuse(caller, reason, error());
    }
  }

  /** Counts and tells of a caller who ended in a line outside. */
  add(refusal: Refusal): void {
    this.#refusals.add(refusal);
  }

  /** Applies options that have changed. */
  applyOptions(): void {
    const { shed } = this.#pool.live.current;
    this.#shedder = shed === undefined ? undefined : new Shedder(shed);
  }

  /** Stops the timer. */
  stop(): void {
    this.#waiters.stop();
  }

  #tell(caller: Caller<R>): void {
    const { id, timeoutMs, label, tenant, line } = caller;
    this.#pool.bus.emit({
      type: 'lease.waiting',
      pool: this.#pool.live.current.name,
      waiter: id,
      position: this.#waiters.positionOf(caller),
      waiting: this.size,
      timeoutMs,
      label,
      tenant,
      priority: line?.priority ?? 0,
    });
  }
}

/**
 * An abort between the grant and the moment in which the caller hears of it still counts: the lease goes back. Costs one
 * more promise, but only for those who had to wait and brought a signal.
 */
async function unlessAborted<R>(
  granted: Promise<Lease<R>>,
  signal: AbortSignal,
): Promise<Lease<R>> {
  const lease = await granted;
  if (!signal.aborted) return lease;
  lease.release();
  throw signal.reason;
}
