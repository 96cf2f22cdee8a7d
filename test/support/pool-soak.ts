import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@sluice/core';
import { type Lease, Pool, type PoolEvent } from '@sluice/core/pool';
import { VirtualClock } from '@sluice/core/testing';
import { type SoakItem, SoakItems } from './pool-soak-items.ts';
import { assertCountsAddUp } from './pool-witness.ts';

/** How long a pool is used. */
export interface SoakOptions {
  /** How many acquires are asked for. */
  readonly checkouts: number;
  readonly seed: number;
  /** Called every `sampleEvery` acquires. */
  readonly onSample?: ((asked: number) => void) | undefined;
  readonly sampleEvery?: number | undefined;
}

/** What came of it. */
export interface SoakResult {
  readonly asked: number;
  readonly granted: number;
  readonly refused: number;
  /** How many resources were made. */
  readonly created: number;
  /** How many pools were closed, most of them while callers waited. */
  readonly closed: number;
  /** How many who waited were refused by the end of their pool. */
  readonly cutOff: number;
  /** How often an observer threw. */
  readonly thrown: number;
  readonly livedHours: number;
}

/** A pool that is used, and who waits there as far as its events tell. */
interface Soaked {
  readonly pool: Pool<SoakItem>;
  readonly waiters: Set<number>;
}

/** More than the pool has room for, so that there is a line. */
const WORKERS = 30;

/** How long a closed pool is given until its last lease has come back, in virtual milliseconds. */
const REST_MS = 60_000;

/**
 * Uses pools without a pause and under constant faults; each is closed after a while and another takes its place. Throws
 * where an item has two owners or is lost, where a wait does not end once, or where anything is left of a closed pool.
 */
export async function soakPool(options: SoakOptions): Promise<SoakResult> {
  return new Soak(options).run();
}

class Soak {
  readonly #options: SoakOptions;
  readonly #clock = new VirtualClock();
  readonly #random: Random;
  readonly #items: SoakItems;
  #soaked: Soaked;
  #asked = 0;
  #granted = 0;
  #refused = 0;
  #closed = 0;
  #cutOff = 0;
  #thrown = 0;
  #found: Error | undefined;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#items = new SoakItems(this.#clock, seededRandom(options.seed + 1));
    this.#soaked = this.#open();
  }

  async run(): Promise<SoakResult> {
    const workers = Array.from({ length: WORKERS }, (_, i) => this.#work(i + 1));
    const all = Promise.all([...workers, this.#operate()]).catch((error: unknown) => {
      this.#found ??= error instanceof Error ? error : new Error(String(error));
    });
    while (!this.#isOver && this.#found === undefined) await this.#clock.advance(10_000);
    await this.#clock.advance(REST_MS * 4);
    if (this.#found !== undefined) throw this.#found;
    await all;
    assert.equal(this.#granted + this.#refused, this.#asked, 'every wait ended');
    assert.equal(this.#items.alive, 0, 'every item was destroyed or taken away');
    assert.equal(this.#clock.pending, 0, 'no timer is left');
    return {
      asked: this.#asked,
      granted: this.#granted,
      refused: this.#refused,
      created: this.#items.made,
      closed: this.#closed,
      cutOff: this.#cutOff,
      thrown: this.#thrown,
      livedHours: this.#clock.now() / 3_600_000,
    };
  }

  get #isOver(): boolean {
    return this.#asked >= this.#options.checkouts;
  }

  /** Every second pool is observed: by somebody who throws, and by somebody who keeps books. */
  #open(): Soaked {
    const { create, destroy, check } = this.#items;
    const pool = new Pool<SoakItem>({
      clock: this.#clock,
      random: seededRandom(this.#below(1_000_000)),
      create,
      destroy,
      check,
      maxSize: 10,
      minIdle: 1,
      acquireTimeoutMs: 3_000,
      createTimeoutMs: 1_000,
      checkTimeoutMs: 500,
      idleTimeoutMs: 60_000,
      maxLifetimeMs: 600_000,
      maxUses: 500,
      usageDeadlineMs: 20_000,
      tenants: { paid: { weight: 3 } },
    });
    const soaked = { pool, waiters: new Set<number>() };
    if (this.#closed % 2 === 0) {
      pool.events$.subscribe(() => this.#throwSometimes());
      pool.events$.subscribe((event) => this.#note(soaked, event));
    }
    return soaked;
  }

  async #work(self: number): Promise<void> {
    const { onSample, sampleEvery = Infinity } = this.#options;
    while (!this.#isOver) {
      this.#asked += 1;
      if (this.#asked % sampleEvery === 0) onSample?.(this.#asked);
      await this.#checkout(self);
      await this.#items.wait(this.#below(3_300));
    }
  }

  async #checkout(self: number): Promise<void> {
    const stop = this.#below(10) === 0 ? new AbortController() : undefined;
    if (stop !== undefined) this.#clock.after(this.#below(2_000), () => stop.abort('left'));
    const acquired = this.#soaked.pool.acquire({
      signal: stop?.signal,
      timeoutMs: this.#below(20) === 0 ? this.#below(100) : undefined,
      priority: this.#below(5) === 0 ? 2 : 0,
      tenant: this.#below(3) === 0 ? 'paid' : undefined,
    });
    const lease = await acquired.catch(() => undefined);
    if (lease === undefined) {
      this.#refused += 1;
      return;
    }
    this.#granted += 1;
    await this.#use(lease, self);
  }

  async #use(lease: Lease<SoakItem>, self: number): Promise<void> {
    const item = lease.resource;
    this.#items.hold(item, self);
    const kind = this.#below(1_000);
    await this.#items.wait(kind === 0 ? 30_000 : this.#below(1_500)); // some hold it beyond the deadline
    if (lease.isEnded) {
      assert.equal(lease.release(), false);
      return;
    }
    this.#items.letGo(item, self);
    if (kind < 20) assert.ok(lease.destroy(new Error('broken')));
    else if (kind < 25) this.#items.takeAway(lease.detach());
    else assert.ok(lease.release());
    if (kind % 10 === 0) assert.equal(lease.release(), false); // it may be somebody else's by now
  }

  /** What is done to a pool by hand, again and again, until it is closed. */
  async #operate(): Promise<void> {
    while (!this.#isOver) {
      for (let i = this.#below(12); i > 0 && !this.#isOver; i -= 1) await this.#meddle();
      await this.#replace();
    }
    await this.#end(this.#soaked);
  }

  async #meddle(): Promise<void> {
    await this.#items.wait(60_000 + this.#below(60_000));
    const { pool } = this.#soaked;
    const kind = this.#below(5);
    if (kind === 0) pool.resize(3 + this.#below(12));
    if (kind === 1) pool.evict({ spreadMs: this.#below(2) * 5_000 });
    if (kind === 2) pool.suspend();
    await this.#items.wait(1_000);
    pool.resume();
  }

  /** Newcomers go to another pool; whoever waits in this one is in the middle of it. */
  async #replace(): Promise<void> {
    const ended = this.#soaked;
    this.#closed += 1;
    this.#soaked = this.#open();
    await this.#end(ended);
  }

  async #end({ pool, waiters }: Soaked): Promise<void> {
    const kind = this.#below(4);
    const before = pool.stats();
    this.#cutOff += kind === 0 ? 0 : before.waiting;
    const result =
      kind < 2
        ? await pool.drain({ deadlineMs: 5_000, waiters: kind === 0 ? 'serve' : 'reject' })
        : await pool.close({ deadlineMs: kind === 2 ? 0 : this.#below(2_000) });
    assert.ok(pool.stats().inUse <= result.abandoned.length, 'whatever is out was listed');
    await this.#items.wait(REST_MS); // until the last has given back what it had
    const { idle, inUse, creating, checking, destroying, waiting, ...totals } = pool.stats();
    const left = { idle, inUse, creating, checking, destroying, waiting, size: totals.size };
    for (const [name, count] of Object.entries(left)) assert.equal(count, 0, `no ${name} is left`);
    assertCountsAddUp(pool.stats());
    assert.equal(waiters.size, 0, 'every wait that was told of ended');
  }

  #throwSometimes(): void {
    if (this.#below(20) > 0) return;
    this.#thrown += 1;
    throw new Error('observer failed');
  }

  /** Keeps books of who waits. What is wrong must not be thrown here: observers are kept from harming anybody. */
  #note({ pool, waiters }: Soaked, event: PoolEvent): void {
    try {
      if (event.type === 'lease.waiting') waiters.add(event.waiter);
      const isEnd = event.type === 'lease.acquired' || event.type === 'lease.refused';
      if (isEnd && event.waiter !== undefined) {
        assert.ok(waiters.delete(event.waiter), 'a wait ends once');
      }
      if (this.#below(50) === 0) assertCountsAddUp(pool.stats());
    } catch (error) {
      this.#found ??= error as Error; // assert throws nothing else
    }
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }
}
