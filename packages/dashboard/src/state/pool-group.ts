import type { TargetSnapshot } from '@sluice/core/events';
import type { Frame } from './frame.ts';
import { emptyHistogram } from './histogram.ts';
import type { PoolState } from './pool-state.ts';
import type { Waiter } from './wait-line.ts';

/** What the dashboard shows as one row: a pool, or all pools that were given the same `group`. */
export class PoolGroup {
  readonly name: string;
  readonly members: readonly PoolState[];
  readonly targets: readonly TargetSnapshot[];

  constructor(name: string, members: readonly PoolState[], targets: readonly TargetSnapshot[]) {
    this.name = name;
    this.members = members;
    this.targets = targets;
  }

  /** How many clients are lent. */
  get inUse(): number {
    return this.#total((pool) => pool.slots.count('inUse'));
  }

  /** How many clients are ready. */
  get idle(): number {
    return this.#total((pool) => pool.slots.count('idle'));
  }

  /** How many clients there may be. */
  get capacity(): number {
    return this.#total((pool) => pool.options.maxSize);
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#total((pool) => pool.line.length);
  }

  /** Moves with every event of a member. */
  get version(): number {
    return this.#total((pool) => pool.version);
  }

  /** The caller that has waited longest. */
  get oldestWaiter(): Waiter | undefined {
    let oldest: Waiter | undefined;
    for (const { line } of this.members) {
      const candidate = line.oldest;
      if (candidate === undefined) continue;
      if (oldest === undefined || candidate.since < oldest.since) oldest = candidate;
    }
    return oldest;
  }

  /** Sums one of the members' series at a second; NaN when none recorded it. */
  at(series: 'inUse' | 'waiting' | 'capacity', second: number): number {
    let sum = Number.NaN;
    for (const pool of this.members) {
      const value = pool.series[series].read(second);
      if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
    }
    return sum;
  }

  /** Sums what the members count (errors, calls) after `from`, up to and with `to`. */
  sum(series: 'errors' | 'calls' | 'failedCalls', from: number, to: number): number {
    return this.#total((pool) => pool.series[series].sum(from, to));
  }

  /** Merges the members' durations after `from`, up to and with `to`. */
  durations(series: 'waited' | 'held', from: number, to: number): Uint32Array {
    const histogram = emptyHistogram();
    for (const pool of this.members) pool.series[series].addTo(histogram, from, to);
    return histogram;
  }

  #total(read: (pool: PoolState) => number): number {
    let total = 0;
    for (const pool of this.members) total += read(pool);
    return total;
  }
}

/** Groups a frame's pools into rows, in the order in which they came. Pools without a group stand alone. */
export function groupPools(frame: Frame): readonly PoolGroup[] {
  const members = new Map<string, PoolState[]>();
  for (const pool of frame.pools.values()) {
    const name = pool.group ?? pool.name;
    const group = members.get(name);
    if (group === undefined) members.set(name, [pool]);
    else group.push(pool);
  }
  const targets = targetsByPool(frame);
  return [...members].map(
    ([name, pools]) =>
      new PoolGroup(
        name,
        pools,
        pools.flatMap((pool) => targets.get(pool.name) ?? []),
      ),
  );
}

function targetsByPool(frame: Frame): ReadonlyMap<string, TargetSnapshot[]> {
  const byPool = new Map<string, TargetSnapshot[]>();
  for (const target of frame.targets.values()) {
    const list = byPool.get(target.pool);
    if (list === undefined) byPool.set(target.pool, [target]);
    else list.push(target);
  }
  return byPool;
}
