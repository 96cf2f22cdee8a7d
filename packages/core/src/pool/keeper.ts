import type { EventBus } from '../base/event-bus.ts';
import type { DestroyReason, PoolEventDraft } from '../events/pool-event.ts';
import { type Outcome, runBounded } from './bounded-run.ts';
import { CoarseClock } from './coarse-clock.ts';
import { Creator } from './creator.ts';
import type { Entry } from './entry.ts';
import { PoolTimeoutError } from './errors.ts';
import { Evictor } from './evictor.ts';
import { Inventory } from './inventory.ts';
import type { LiveOptions } from './options.ts';
import { missingCount, surplusCount } from './sizing.ts';
import type { Upkeep } from './upkeep.ts';

/** What a keeper needs of its pool. */
export interface KeeperOptions<R> {
  readonly live: LiveOptions<R>;
  readonly bus: EventBus<PoolEventDraft>;
  /** Something became idle, or a place became free. */
  readonly onChange: () => void;
  /** A create failed, for the reason that the creator knows. */
  readonly onCreateFailed: () => void;
  /** A lease was held for too long. */
  readonly onLeaseDue: (entry: Entry<R>, kind: 'suspect' | 'revoke') => void;
}

/** How long a pool waits for one destroy, in milliseconds. */
const DESTROY_TIMEOUT_MS = 5_000;

/** Keeps the resources of a pool: creates them, checks them, and destroys them when their time has come. */
export class Keeper<R> {
  readonly inventory: Inventory<R>;
  readonly creator: Creator<R>;
  readonly #pool: KeeperOptions<R>;
  readonly #live: LiveOptions<R>;
  readonly #evictor: Evictor<R>;
  /** Entries that were created or checked just now, until those who wait have been served. */
  #fresh: Entry<R>[] = [];

  constructor(pool: KeeperOptions<R>) {
    const { live, bus } = pool;
    const time = new CoarseClock({
      clock: live.current.clock,
      onTick: (now) => this.#evictor.beginTick(now),
    });
    this.#pool = pool;
    this.#live = live;
    this.inventory = new Inventory({ pool: live.current.name, bus, time });
    this.creator = new Creator({
      live,
      onCreated: (entry, resource) => this.#onCreated(entry, resource),
      onFailed: (entry, error) => this.#onCreateFailed(entry, error),
      onLate: (resource) => this.#destroyLate(resource),
      onReady: pool.onChange,
    });
    this.#evictor = new Evictor({
      live,
      inventory: this.inventory,
      time,
      onDue: (entry, upkeep) => this.#onDue(entry, upkeep),
      onSwept: pool.onChange,
    });
  }

  /**
   * The idle entry to be lent next. When all of them are due for a check, as many checks are started as there are
   * `wanted`, and none is lent before its check has passed.
   */
  usable(wanted: number): Entry<R> | undefined {
    const { order, check } = this.#live.current;
    const { idle } = this.inventory;
    const first = order === 'lifo' ? idle.newest : idle.oldest;
    if (first === undefined || check === undefined) return first;
    return this.#vouched(wanted);
  }

  /** Destroys idle entries beyond `maxSize`, those unused for longest first. */
  shrink(): void {
    const { inventory } = this;
    const { maxSize } = this.#live.current;
    if (inventory.size <= maxSize) return; // asked at every hand-over, and nearly always so
    for (let surplus = surplusCount(inventory, maxSize); surplus > 0; surplus -= 1) {
      const { oldest } = inventory.idle;
      if (oldest === undefined) return;
      this.retire(oldest, 'resized');
    }
  }

  /** Starts the creates that are missing: for `waiting` callers, and to keep `minIdle` ready. */
  replenish(waiting: number, minIdle: number): void {
    const { inventory } = this;
    const { maxSize, createParallelism, random } = this.#live.current;
    if (inventory.size >= maxSize) return; // asked at every hand-over, and nearly always so
    const limits = { maxSize, minIdle, createParallelism };
    const missing = missingCount({ ...inventory.counts, waiting }, limits);
    const count = Math.min(missing, this.creator.allowed(inventory.creating));
    for (let i = 0; i < count; i += 1) this.creator.start(inventory.open(random.next()));
  }

  /** Takes an entry out of service and destroys its resource. */
  retire(entry: Entry<R>, reason: DestroyReason): void {
    const { resource } = entry;
    this.inventory.retire(entry, reason);
    this.#destroy(resource as R, (error) => {
      this.inventory.remove(
        entry,
        error === undefined ? undefined : this.#live.current.describeError(error),
      );
      this.#pool.onChange();
    });
  }

  /** Dooms an entry: now if nobody uses it, else when it comes back. */
  doom(entry: Entry<R>, reason: DestroyReason): void {
    if (entry.status === 'idle') this.retire(entry, reason);
    else if (entry.status !== 'destroying') entry.doom ??= reason;
  }

  /** Dooms all entries, one after the other over `spreadMs`. */
  evict(spreadMs: number): void {
    const entries = this.inventory.entries();
    if (spreadMs === 0) {
      for (const entry of entries) this.doom(entry, 'evicted');
      return;
    }
    const now = this.#live.current.clock.now();
    for (const [i, entry] of entries.entries()) {
      entry.evictAt = now + Math.round((spreadMs * i) / entries.length);
    }
    this.#evictor.wake(now);
  }

  /** Looks anew at what is due: the limits have changed. */
  wake(): void {
    this.#evictor.wake(this.#live.current.clock.now());
  }

  /** Destroys all idle entries, for the end of the pool. */
  clear(): void {
    const { idle } = this.inventory;
    while (idle.oldest !== undefined) this.retire(idle.oldest, 'closed');
  }

  /** Gives up all creates and checks that are under way. */
  abandonRuns(reason: unknown): void {
    this.creator.stop();
    for (const entry of this.inventory.entries()) entry.abort?.(reason);
  }

  /** Forgets which entries were created or checked just now. */
  settle(): void {
    if (this.#fresh.length === 0) return;
    for (const entry of this.#fresh) entry.isFresh = false;
    this.#fresh = [];
  }

  /** Stops all timers of its own. */
  stop(): void {
    this.creator.stop();
    this.#evictor.stop();
  }

  #vouched(wanted: number): Entry<R> | undefined {
    const { order, clock } = this.#live.current;
    const { inventory } = this;
    const now = clock.now();
    const isLifo = order === 'lifo';
    const first = (): Entry<R> | undefined =>
      isLifo ? inventory.idle.newest : inventory.idle.oldest;
    let entry = first();
    for (; entry !== undefined; entry = isLifo ? entry.previous : entry.next) {
      if (!this.#isCheckDue(entry, now)) return entry;
    }
    for (entry = first(); entry !== undefined && inventory.checking < wanted; entry = first()) {
      this.#check(entry);
      if (entry.status === 'idle') return entry; // its check passed at once
    }
    return undefined;
  }

  #isCheckDue({ isFresh, vouchedAt }: Entry<R>, now: number): boolean {
    return !isFresh && now - vouchedAt >= this.#live.current.checkBypassMs;
  }

  #check(entry: Entry<R>): void {
    const { name, check, checkTimeoutMs, clock } = this.#live.current;
    const resource = entry.resource as R; // it is idle, so it holds one
    this.inventory.reserve(entry);
    const abort = runBounded<boolean | void>({
      work: (signal) => check?.(resource, { signal }),
      clock,
      timeoutMs: checkTimeoutMs,
      unref: true,
      onTimeout: () => new PoolTimeoutError(name, 'check', checkTimeoutMs),
      onEnd: (outcome) => this.#onChecked(entry, outcome),
    });
    if (entry.status === 'checking') entry.abort = abort;
  }

  #onChecked(entry: Entry<R>, outcome: Outcome<boolean | void>): void {
    const isHealthy = outcome.kind === 'done' && outcome.value !== false;
    this.#pool.bus.together(() => {
      this.inventory.checked(entry, isHealthy);
      if (!isHealthy) this.retire(entry, 'unhealthy');
      else if (entry.doom !== undefined) this.retire(entry, entry.doom);
      else this.#fresh.push(entry);
    });
    this.#pool.onChange();
  }

  #onCreated(entry: Entry<R>, resource: R): void {
    const isKnown = this.inventory.entries().some((other) => other.resource === resource);
    if (isKnown && isObject(resource)) {
      this.creator.fail(
        entry,
        new TypeError('create returned a resource that the pool has already'),
      );
      return;
    }
    this.creator.succeed();
    this.inventory.fill(entry, resource);
    if (entry.doom === undefined) this.#fresh.push(entry);
    else this.doom(entry, entry.doom);
    this.#pool.onChange();
  }

  #onCreateFailed(entry: Entry<R>, error: unknown): void {
    this.inventory.discard(entry, this.#live.current.describeError(error));
    this.#pool.onCreateFailed();
    this.#pool.onChange();
  }

  #onDue(entry: Entry<R>, { kind, reason }: Upkeep): void {
    if (kind === 'check') this.#check(entry);
    else if (kind === 'retire') this.doom(entry, reason ?? 'evicted');
    else if (kind !== 'nothing') this.#pool.onLeaseDue(entry, kind);
  }

  /** Nobody has waited for it and it has no place: a failure of its destroy concerns nobody any more. */
  #destroyLate(resource: R): void {
    this.#destroy(resource, () => {});
  }

  #destroy(resource: R, onEnd: (error?: unknown) => void): void {
    const { name, destroy, clock } = this.#live.current;
    if (destroy === undefined) {
      onEnd();
      return;
    }
    runBounded<void>({
      work: () => destroy(resource),
      clock,
      timeoutMs: DESTROY_TIMEOUT_MS,
      unref: false, // somebody may wait for the end of the pool
      onTimeout: () => new PoolTimeoutError(name, 'destroy', DESTROY_TIMEOUT_MS),
      onEnd: (outcome) => onEnd(outcome.kind === 'failed' ? outcome.error : undefined),
    });
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' ? value !== null : typeof value === 'function';
}
