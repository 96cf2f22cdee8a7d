import type { EventBus } from '../base/event-bus.ts';
import type { PoolEventDraft } from '../events/pool-event.ts';
import type { PoolSnapshot, PoolStats, PublicPoolOptions } from '../events/snapshot.ts';
import { type Caller, CallerLine } from './caller-line.ts';
import { Closing, type ClosingTerms, type DrainResult } from './closing.ts';
import type { Borrower, Entry } from './entry.ts';
import { PoolClosedError, PoolCreateError, PoolDrainingError } from './errors.ts';
import type { Inventory } from './inventory.ts';
import { Keeper } from './keeper.ts';
import type { Lease } from './lease.ts';
import { Leases } from './leases.ts';
import type { AcquireOptions, LiveOptions } from './options.ts';
import type { InLine, OutsideLine, PoolPort } from './outside-line.ts';
import { Readiness } from './readiness.ts';
import type { Refusal } from './refusals.ts';
import { servableCount } from './sizing.ts';
import { poolStats, publicOptions } from './stats.ts';

/** What a desk needs of its pool. */
export interface DeskOptions<R> {
  readonly live: LiveOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  /** The pool has ended: all is destroyed or abandoned. */
  readonly onClosed: () => void;
}

const NO_OPTIONS: AcquireOptions = {};

/**
 * Where resources are lent: the line of callers, the leases, and the end of both. Whatever changes ends in `serve`, the
 * one place where resources are handed out; it is a loop and never runs twice at a time, so ten thousand grants in a
 * chain, or a subscriber that acquires, releases or closes from inside an event, use no more stack than one.
 */
export class Desk<R> implements PoolPort<R> {
  readonly keeper: Keeper<R>;
  readonly leases: Leases<R>;
  readonly readiness: Readiness = new Readiness();
  readonly #line: CallerLine<R>;
  readonly #inventory: Inventory<R>;
  readonly #pool: DeskOptions<R>;
  readonly #live: LiveOptions<R>;
  readonly #outside: OutsideLine | undefined;
  #status: PoolSnapshot['status'] = 'open';
  #closing: Closing<R> | undefined;
  #isServing = false;
  #isServiceDue = false;

  constructor(pool: DeskOptions<R>) {
    const { live, bus } = pool;
    const { outside } = live.current;
    this.#pool = pool;
    this.#live = live;
    this.keeper = new Keeper<R>({
      live,
      bus,
      onChange: () => this.serve(),
      onCreateFailed: () => this.#onCreateFailed(),
      onLeaseDue: (entry, kind) => this.leases.onDue(entry, kind),
    });
    this.#inventory = this.keeper.inventory;
    this.leases = new Leases<R>({
      live,
      bus,
      keeper: this.keeper,
      onEnd: () => this.serve(),
    });
    this.#line = new CallerLine<R>({
      live,
      bus,
      stats: () => this.stats,
      lastCreateError: () => this.lastCreateError,
    });
    this.applyOptions();
    this.#outside = outside?.(this);
  }

  /** Whether `close` was called, or the pool has ended. */
  get isClosed(): boolean {
    return this.#status === 'closed' || this.#closing?.isClose === true;
  }

  get status(): PoolSnapshot['status'] {
    return this.#status;
  }

  get stats(): PoolStats {
    const waits = { waiting: this.#waiting, ...this.#line.counts };
    return poolStats(this.#inventory.counts, waits, this.#live.current.maxSize);
  }

  get limits(): PublicPoolOptions {
    return publicOptions(this.#live.current);
  }

  get lastCreateError(): unknown {
    return this.keeper.creator.lastError;
  }

  get canLend(): boolean {
    return this.#usable() !== undefined;
  }

  /** Who waits, here or in the line outside, in the order of service. */
  inLine(): readonly InLine[] {
    return [...this.#line.inOrder(), ...(this.#outside?.waiters() ?? [])];
  }

  /** Lends an idle resource at once, if there is one and nobody waits. */
  lend(borrower?: Borrower): Lease<R> | undefined {
    const entry = this.#usable();
    if (entry === undefined) return undefined;
    const stack = this.leases.stack();
    const lease = this.leases.lend(entry, stack === undefined ? borrower : { ...borrower, stack });
    if (this.#inventory.idle.size < this.#live.current.minIdle) this.serve();
    return lease;
  }

  /** Puts a caller into the line, unless it can be told at once that waiting is no use. */
  wait(options: AcquireOptions = NO_OPTIONS): Promise<Lease<R>> {
    if (this.#closing !== undefined) return this.#line.refuseNew(this.#ending, this.#endedError());
    const servable = servableCount(this.#inventory, this.#live.current.maxSize);
    this.leases.isQuiet = false; // before anybody hears of the newcomer, and could overtake it
    const joined = this.#line.join(options, { servable, stack: this.leases.stack() });
    this.serve();
    return joined;
  }

  refuse(refusal: Refusal): void {
    this.#line.add(refusal);
  }

  /** Lends and creates no more. */
  suspend(): void {
    if (this.#status !== 'open') return;
    this.#become('suspended');
    this.tell('pool.suspended');
    this.serve();
  }

  /** Ends a suspension. */
  resume(): void {
    if (this.#status !== 'suspended') return;
    this.#become('open');
    this.tell('pool.resumed');
    this.serve();
  }

  /** Ends the pool on the given terms. Every call gets the same result. */
  end(terms: ClosingTerms): Promise<DrainResult> {
    if (this.#closing === undefined) {
      this.#closing = this.#beginClosing();
      this.#become('draining');
      this.tell('pool.draining');
    }
    const { result } = this.#closing;
    this.#closing.tighten(terms);
    this.serve();
    return result;
  }

  /** Tells of a change of the pool as a whole. */
  tell(type: 'pool.resized' | 'pool.suspended' | 'pool.resumed' | 'pool.draining'): void {
    const { name: pool, maxSize, minIdle } = this.#live.current;
    const options = type === 'pool.resized' ? this.limits : undefined;
    this.#pool.bus.emit({ type, pool, maxSize, minIdle, options });
  }

  /** Applies options that have changed. */
  applyOptions(): void {
    const { leakThresholdMs, usageDeadlineMs, check } = this.#live.current;
    this.#inventory.isExact = (leakThresholdMs ?? usageDeadlineMs ?? check) !== undefined;
    this.leases.applyOptions();
    this.#line.applyOptions();
  }

  /** Hands out what there is, creates what is missing, ends what has to end. */
  serve(): void {
    const { bus } = this.#pool;
    this.#isServiceDue = true;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#isServiceDue) {
      this.#isServiceDue = false;
      if (bus.isObserved) bus.together(this.#serveOnce);
      else this.#serveOnce();
    }
    this.#isServing = false;
    this.leases.isQuiet =
      this.#status === 'open' &&
      this.#line.size === 0 &&
      this.#outside === undefined &&
      !this.readiness.isAwaited &&
      this.#inventory.size <= this.#live.current.maxSize;
    this.#tellAvailable();
    this.keeper.settle();
  }

  /** Whoever hears of the change already meets a pool that acts on it. */
  #become(status: PoolSnapshot['status']): void {
    this.#status = status;
    this.leases.isQuiet = false;
  }

  readonly #serveOnce = (): void => {
    const { keeper } = this;
    const status = this.#status;
    keeper.shrink();
    this.#serveLine();
    if (this.#isLending) {
      keeper.replenish(this.#waiting, status === 'open' ? this.#live.current.minIdle : 0);
    }
    if (this.readiness.isAwaited && this.#isReady) this.readiness.reach();
    if (status === 'closed') {
      keeper.clear();
      this.readiness.fail(new PoolClosedError(this.#live.current.name));
    } else if (this.#closing !== undefined) this.#advance(this.#closing);
  };

  #serveLine(): void {
    while (this.#isLending) {
      this.#line.shed();
      const { size } = this.#line;
      const entry = size === 0 ? undefined : this.keeper.usable(size);
      if (entry === undefined) return;
      const caller = this.#line.take();
      if (caller !== undefined) this.#grant(caller, entry);
    }
  }

  #grant(caller: Caller<R>, entry: Entry<R>): void {
    const { id: waiter, since: waitingSince, label, tenant, payload: stack } = caller;
    caller.resolve(this.leases.lend(entry, { label, tenant, stack, waiter, waitingSince }));
  }

  /** An idle entry that may be lent to a newcomer: only while nobody waits, or it would overtake. */
  #usable(): Entry<R> | undefined {
    const { leases, keeper } = this;
    if (!leases.isQuiet && (this.#line.size > 0 || this.#status !== 'open')) return undefined;
    return keeper.usable(1);
  }

  get #waiting(): number {
    return this.#line.size + (this.#outside?.waiting ?? 0);
  }

  /** Whether whoever waits may be served. */
  get #isLending(): boolean {
    if (this.#status === 'open') return true;
    return (
      this.#status === 'draining' && this.#closing?.servesWaiters === true && this.#waiting > 0
    );
  }

  /** Whether `minIdle` is reached, as far as those in use leave room for it. */
  get #isReady(): boolean {
    const { maxSize, minIdle } = this.#live.current;
    const { idle, inUse } = this.#inventory;
    return this.#status === 'open' && idle.size >= Math.min(minIdle, maxSize - inUse);
  }

  #tellAvailable(): void {
    if (this.#outside === undefined || this.#status !== 'open' || this.#line.size > 0) return;
    const { idle, size } = this.#inventory;
    if (idle.size > 0 || size < this.#live.current.maxSize) this.#outside.onAvailable();
  }

  /** Why callers are refused once the end has begun. */
  get #ending(): 'closed' | 'draining' {
    return this.isClosed ? 'closed' : 'draining';
  }

  #endedError(): PoolClosedError | PoolDrainingError {
    const { name } = this.#live.current;
    return this.isClosed ? new PoolClosedError(name) : new PoolDrainingError(name);
  }

  #onCreateFailed(): void {
    const { name, createFailure } = this.#live.current;
    const { creator } = this.keeper;
    const error = new PoolCreateError(name, creator.failures, creator.lastError);
    const caller = createFailure === 'fail' && this.#isLending ? this.#line.take() : undefined;
    if (caller !== undefined) this.#line.refuse(caller, 'createFailed', error);
    else if (this.#closing === undefined || this.#isLending) creator.backOff();
    if (createFailure === 'fail') this.readiness.fail(error);
    this.#outside?.onCreateFailed(error, createFailure);
  }

  #beginClosing(): Closing<R> {
    return new Closing<R>({
      live: this.#live,
      keeper: this.keeper,
      leases: this.leases,
      waiting: () => this.#line.size,
      refuseAll: () => this.#line.refuseAll(this.#ending, () => this.#endedError()),
      endedError: () => this.#endedError(),
      onDeadline: () => this.serve(),
    });
  }

  #advance(closing: Closing<R>): void {
    const result = closing.advance();
    if (result === undefined) return;
    const { name: pool, maxSize, minIdle } = this.#live.current;
    const { destroyed, abandoned } = result;
    this.#become('closed');
    this.keeper.stop();
    this.#line.stop();
    this.#pool.bus.emit({
      type: 'pool.closed',
      pool,
      maxSize,
      minIdle,
      destroyed,
      abandoned: abandoned.length,
    });
    this.readiness.fail(new PoolClosedError(pool));
    this.#pool.onClosed();
  }
}
