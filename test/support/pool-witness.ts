import assert from 'node:assert/strict';
import { applyEvent, type EngineSnapshot } from '@sluice/core/events';
import type { Pool, PoolEvent, PoolSnapshot, PoolStats } from '@sluice/core/pool';

/**
 * Observes a pool from its beginning. At every event, and whenever asked, it compares what the events say, folded, with
 * what the pool says of itself, and checks that the counts add up.
 */
export class PoolWitness<R> {
  readonly events: PoolEvent[] = [];
  readonly #pool: Pool<R>;
  readonly #comparesLine: boolean;
  #folded: EngineSnapshot;
  #found: Error | undefined;

  /** With `comparesLine` false, of the line only the length is compared: fair shares reorder it as others leave. */
  constructor(pool: Pool<R>, { comparesLine = true }: { readonly comparesLine?: boolean } = {}) {
    this.#pool = pool;
    this.#comparesLine = comparesLine;
    pool.events$.subscribe((event) => this.#hear(event));
    this.#folded = engineAround(pool.snapshot(), pool.bus.position);
  }

  /** The types of the events so far. */
  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /**
   * Compares now, and gives what it found inside events: a throw there would be kept from the test by the very isolation of
   * observers that others rely on.
   */
  check(): void {
    if (this.#found !== undefined) throw this.#found;
    this.#compare();
  }

  #compare(): void {
    const told = this.#folded.pools[0] as PoolSnapshot;
    const shown = this.#pool.snapshot();
    if (this.#comparesLine) assert.deepEqual(told, shown);
    else assert.deepEqual({ ...told, waiters: [] }, { ...shown, waiters: [] });
  }

  #hear(event: PoolEvent): void {
    this.events.push(event);
    try {
      assertCountsAddUp(this.#pool.stats());
      this.#folded = applyEvent(this.#folded, event);
      // What happened in one step is told by several events: the pool shows it from the first on.
      if (event.seq === this.#pool.bus.position.seq) this.#compare();
    } catch (error) {
      this.#found ??= toError(error);
    }
  }
}

/** The laws that a pool's counts obey at every instant. */
export function assertCountsAddUp(stats: PoolStats): void {
  const { size, idle, inUse, creating, checking, destroying } = stats;
  assert.equal(idle + inUse + creating + checking + destroying, size);
  assert.equal(stats.totalDestroyed + stats.totalDetached + size - creating, stats.totalCreated);
  assert.equal(stats.totalReleased + stats.totalDetached + inUse, stats.totalAcquired);
  for (const [name, count] of Object.entries(stats)) assert.ok(count >= 0, `${name} is ${count}`);
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function engineAround(
  pool: PoolSnapshot,
  { epoch, seq }: { readonly epoch: string; readonly seq: number },
): EngineSnapshot {
  return {
    epoch,
    seq,
    at: 0,
    codec: '1.0',
    name: 'test',
    environment: 'test',
    startedAt: 0,
    pools: [pool],
    targets: [],
    channels: [],
    runs: [],
    routes: [],
    faults: [],
    counters: {
      'calls.started': 0,
      'calls.failed': 0,
      'messages.received': 0,
      'messages.replied': 0,
      'messages.deadLettered': 0,
    },
    capabilities: [],
  };
}
