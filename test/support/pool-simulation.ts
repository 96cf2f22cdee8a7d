import assert from 'node:assert/strict';
import type { Subscription } from 'rxjs';
import { seededRandom } from '@sluice/core';
import { type Lease, Pool, type PoolEvent } from '@sluice/core/pool';
import { VirtualClock } from '@sluice/core/testing';
import type { Interference, PoolCommand, PoolHistory } from './pool-history.ts';
import { type Item, PoolLedger } from './pool-ledger.ts';
import { PoolLineModel } from './pool-line-model.ts';
import { assertCountsAddUp, PoolWitness } from './pool-witness.ts';

/** What a life came to. */
export interface SimulationResult {
  readonly asked: number;
  readonly granted: number;
  readonly refused: number;
  /** What was destroyed, in that order. */
  readonly destroyed: readonly number[];
  /** Virtual milliseconds. */
  readonly livedMs: number;
}

/** One caller: it ends exactly once. */
interface Caller {
  readonly stop: AbortController | undefined;
  settled: number;
}

/** How long after the last command everything must have come to its end, in virtual milliseconds. */
const END_MS = 120_000;

/** The longest delay of a pool after a create failed. */
const MAX_BACKOFF_MS = 10_000;

/** The longest that a check or a destroy hangs. */
const HANG_MS = 1_000;

/**
 * Lives a history and holds the pool to its laws at every step and inside every event. Throws where one is broken. Of an
 * observed pool, `onEvent` hears every event.
 */
export async function simulatePool(
  history: PoolHistory,
  onEvent?: (event: PoolEvent) => void,
): Promise<SimulationResult> {
  const simulation = new PoolSimulation(history, onEvent);
  for (const command of history.commands) await simulation.step(command);
  return simulation.end();
}

class PoolSimulation {
  readonly #history: PoolHistory;
  readonly #clock = new VirtualClock();
  readonly #ledger: PoolLedger;
  readonly #pool: Pool<Item>;
  readonly #witness: PoolWitness<Item> | undefined;
  readonly #line = new PoolLineModel();
  readonly #sick = new Set<number>();
  readonly #callers: Caller[] = [];
  readonly #leases: Lease<Item>[] = [];
  readonly #ended: Lease<Item>[] = [];
  readonly #possessions: Subscription[] = [];
  readonly #interferences = new Map<string, Interference>();
  readonly #detached = new Set<number>();
  readonly #found: unknown[] = [];
  #granted = 0;
  #refused = 0;
  #failedAt = -Infinity;
  /** How many resources there may be: above `maxSize` only by those that a resize found. */
  #limit: number;

  constructor(history: PoolHistory, onEvent: ((event: PoolEvent) => void) | undefined) {
    const { tuning, hasChecks, createMs, destroyMs, seed } = history;
    const clock = this.#clock;
    this.#history = history;
    this.#ledger = new PoolLedger({ clock, createMs, destroyMs });
    this.#limit = tuning.maxSize ?? 10;
    this.#pool = new Pool<Item>({
      ...tuning,
      name: 'p',
      clock,
      random: history.isSteady === true ? { next: () => 0.37 } : seededRandom(seed),
      tenants: { a: { weight: 2 }, b: { weight: 0.5 } },
      create: this.#ledger.create,
      destroy: this.#ledger.destroy,
      ...(hasChecks ? { check: (item: Item) => this.#check(item) } : {}),
    });
    if (history.observers === 0) return;
    const hasTenants = history.commands.some((command) => 'tenant' in command);
    this.#witness = new PoolWitness(this.#pool, { comparesLine: !hasTenants });
    if (onEvent !== undefined) this.#pool.events$.subscribe(onEvent);
    this.#pool.events$.subscribe((event) => this.#hear(event));
  }

  async step(command: PoolCommand): Promise<void> {
    await this.#do(command);
    this.#assertLaws();
  }

  /** Lets everything end: nothing may be left. */
  async end(): Promise<SimulationResult> {
    this.#interferences.clear();
    await this.#assertProgress();
    for (const possession of this.#possessions) possession.unsubscribe();
    for (const lease of this.#leases.splice(0)) this.#giveBack(lease, 'release');
    const closed = this.#pool.close({ deadlineMs: 1_000 });
    await this.#clock.settle();
    for (const lease of this.#leases.splice(0)) this.#giveBack(lease, 'release');
    for (const hung of this.#ledger.hung.splice(0)) hung(this.#ledger.make());
    await this.#clock.advance(END_MS);
    await closed;
    this.#assertLaws();
    this.#assertNothingIsLeft();
    const { length: asked } = this.#callers;
    return {
      asked,
      granted: this.#granted,
      refused: this.#refused,
      destroyed: this.#ledger.destroyed,
      livedMs: this.#clock.now(),
    };
  }

  /** Whatever went wrong before: once the world is well again, whoever asks is served. */
  async #assertProgress(): Promise<void> {
    this.#sick.clear();
    this.#ledger.recover();
    this.#pool.resume();
    await this.#clock.advance(2_000); // creates that fail already have failed by then
    const { createMs, tuning } = this.#history;
    const canCreate = createMs < (tuning.createTimeoutMs ?? Infinity);
    if (!canCreate || this.#pool.snapshot().status !== 'open') return;
    const probe = { isServed: false };
    const isFull = this.#pool.stats().waiting > 0 || tuning.maxWaiters === 0;
    for (const possession of this.#possessions.splice(0)) possession.unsubscribe();
    if (isFull || tuning.shed !== undefined) return;
    void this.#pool.use(() => (probe.isServed = true), { timeoutMs: 30_000 }).catch(() => {});
    for (let turn = 0; turn < 20 && !probe.isServed; turn += 1) {
      for (const lease of this.#leases.splice(0)) this.#giveBack(lease, 'release');
      await this.#clock.advance(1_000);
    }
    const isClosed = this.#pool.snapshot().status !== 'open';
    assert.ok(probe.isServed || isClosed, 'whoever asks a well pool is served');
  }

  async #do(command: PoolCommand): Promise<void> {
    switch (command.type) {
      case 'acquire':
        this.#acquire(command);
        return;
      case 'tryAcquire': {
        const lease = this.#pool.tryAcquire();
        if (lease !== undefined) this.#own(lease);
        return;
      }
      case 'release':
      case 'destroy':
      case 'detach': {
        const lease = takeAt(this.#leases, command.pick);
        if (lease !== undefined) this.#giveBack(lease, command.type);
        return;
      }
      case 'revoke': {
        const lease = takeAt(this.#leases, command.pick);
        if (lease !== undefined) this.#revoke(lease);
        return;
      }
      case 'releaseAgain': {
        const lease = this.#ended[command.pick % Math.max(1, this.#ended.length)];
        if (lease !== undefined) assert.equal(lease.release(), false);
        return;
      }
      case 'abort':
        this.#callers[command.pick % Math.max(1, this.#callers.length)]?.stop?.abort('left');
        return;
      case 'checkout':
        this.#possessions.push(this.#pool.checkout().subscribe({ error: () => {} }));
        return;
      case 'unsubscribe':
        takeAt(this.#possessions, command.pick)?.unsubscribe();
        return;
      case 'advance':
        return this.#clock.advance(command.ms);
      case 'jump':
        return this.#clock.jump(command.ms);
      case 'failCreates':
        this.#ledger.fail(...command.kinds.map((kind) => ({ kind, error: new Error(kind) })));
        return;
      case 'endHung': {
        const { hung } = this.#ledger;
        const end = takeAt(hung, command.pick);
        end?.(command.works ? this.#ledger.make() : new Error('late'));
        return;
      }
      case 'sicken': {
        const id = this.#ledger.created[command.pick % Math.max(1, this.#ledger.created.length)];
        if (id !== undefined) this.#sick.add(id);
        return;
      }
      case 'resize':
        this.#resize(command.maxSize);
        return;
      case 'evict':
        this.#pool.evict(command);
        return;
      case 'suspend':
        this.#pool.suspend();
        return;
      case 'resume':
        this.#pool.resume();
        return;
      case 'drain':
        void this.#pool.drain(command);
        return;
      case 'close':
        void this.#pool.close(command);
        return;
      case 'interfere':
        this.#interferences.set(command.on, command.how);
        return;
    }
  }

  #acquire(command: Extract<PoolCommand, { readonly type: 'acquire' }>): void {
    const { abortable, type: _type, ...options } = command;
    const stop = abortable ? new AbortController() : undefined;
    const caller: Caller = { stop, settled: 0 };
    this.#callers.push(caller);
    this.#pool.acquire({ ...options, signal: stop?.signal }).then(
      (lease) => {
        caller.settled += 1;
        this.#granted += 1;
        this.#guard(() => this.#own(lease));
      },
      (error: unknown) => {
        caller.settled += 1;
        this.#refused += 1;
        this.#guard(() => assertRefusal(error));
      },
    );
  }

  #own(lease: Lease<Item>): void {
    if (lease.isEnded) return; // revoked on its way
    this.#ledger.hold(lease);
    this.#leases.push(lease);
  }

  #giveBack(lease: Lease<Item>, how: 'release' | 'destroy' | 'detach'): void {
    if (lease.isEnded) return; // its usage deadline passed
    this.#ledger.letGo(lease);
    if (how === 'detach') this.#detached.add(lease.detach().id);
    else assert.equal(lease[how](), true);
    assert.equal(lease.isEnded, true);
    this.#ended.push(lease);
  }

  #revoke(lease: Lease<Item>): void {
    if (lease.isEnded) return;
    const { signal } = lease;
    this.#ledger.letGo(lease);
    assert.equal(this.#pool.revoke(lease.id), true);
    assert.equal(signal.aborted, true);
    this.#ended.push(lease);
  }

  #resize(maxSize: number): void {
    this.#limit = Math.max(maxSize, this.#pool.stats().size);
    this.#pool.resize(maxSize);
  }

  #check({ id }: Item): boolean | Promise<boolean> {
    const isHealthy = !this.#sick.has(id);
    if (id % 3 === 0) return isHealthy;
    const delayMs = id % 7 === 0 ? HANG_MS : id % 5;
    return new Promise((resolve) => void this.#clock.after(delayMs, () => resolve(isHealthy)));
  }

  #hear(event: PoolEvent): void {
    this.#guard(() => {
      this.#line.hear(event, this.#clock.now());
      this.#assertSize();
    });
    if (event.type === 'client.createFailed') this.#failedAt = this.#clock.now();
    const how = this.#interferences.get(event.type);
    if (how === undefined) return;
    this.#interferences.delete(event.type);
    this.#interfere(how);
  }

  #interfere(how: Interference): void {
    const lease = how === 'release' ? this.#leases.pop() : undefined;
    if (how === 'throw') throw new Error('observer failed');
    if (how === 'acquire') this.#acquire({ type: 'acquire', priority: 0, abortable: false });
    if (how === 'resize') this.#resize(1 + (this.#callers.length % 4));
    if (how === 'evict') this.#pool.evict();
    if (how === 'close') void this.#pool.close({ deadlineMs: 20 });
    if (lease !== undefined) this.#guard(() => this.#giveBack(lease, 'release'));
  }

  #assertLaws(): void {
    if (this.#found.length > 0) throw this.#found[0];
    const stats = this.#pool.stats();
    assertCountsAddUp(stats);
    this.#assertSize();
    this.#witness?.check();
    assert.ok(
      this.#callers.every(({ settled }) => settled <= 1),
      'a wait ends once',
    );
    this.#assertNobodyIsForgotten();
  }

  /** A wait goes on only while there is a reason for it: no sweep may be what wakes a pool that fell asleep. */
  #assertNobodyIsForgotten(): void {
    const { waiting, idle, checking, creating, size, maxSize } = this.#pool.stats();
    if (waiting === 0 || this.#pool.snapshot().status !== 'open') return;
    if (this.#history.observers === 0) return; // then nobody has noted when a create failed
    assert.ok(idle === 0 || checking > 0, 'nobody waits beside an idle resource');
    const mayCreate = this.#clock.now() - this.#failedAt > MAX_BACKOFF_MS;
    const coming = creating + checking;
    assert.ok(
      coming >= waiting || creating > 0 || size >= maxSize || !mayCreate,
      'nobody waits where there is room',
    );
  }

  #assertSize(): void {
    const { size, maxSize } = this.#pool.stats();
    assert.ok(size <= Math.max(maxSize, this.#limit), `${size} resources of ${maxSize}`);
    this.#limit = Math.max(maxSize, Math.min(size, this.#limit));
  }

  #assertNothingIsLeft(): void {
    const { size, waiting } = this.#pool.stats();
    assert.deepEqual({ size, waiting }, { size: 0, waiting: 0 });
    assert.equal(this.#clock.pending, 0, 'no timer is left');
    const left = this.#ledger.created.filter(
      (id) => !this.#detached.has(id) && !this.#ledger.isGone(id),
    );
    assert.deepEqual(left, [], 'every resource is destroyed or its taker’s own');
    assert.ok(
      this.#callers.every(({ settled }) => settled === 1),
      'every wait has ended',
    );
    assert.equal(this.#granted + this.#refused, this.#callers.length);
    this.#line.assertEmpty();
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#found.push(error);
    }
  }
}

function assertRefusal(error: unknown): void {
  if (error === 'left') return;
  assert.match(
    String((error as { code?: unknown }).code),
    /^POOL_(ACQUIRE_TIMEOUT|QUEUE_FULL|SHED|CLOSED|DRAINING|CREATE_FAILED)$/,
  );
}

function takeAt<T>(list: T[], pick: number): T | undefined {
  if (list.length === 0) return undefined;
  return list.splice(pick % list.length, 1)[0];
}
