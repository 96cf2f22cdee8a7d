import type {
  EngineSnapshot,
  FaultSnapshot,
  SluiceEvent,
  TargetSnapshot,
} from '@sluice/core/events';
import { ChannelState } from './channel-state.ts';
import { type ChannelEvent, foldBacklog, foldChannel } from './fold-channel.ts';
import { foldPool } from './fold-pool.ts';
import type { Frame } from './frame.ts';
import { Gaps } from './gaps.ts';
import { NotableLog } from './notable.ts';
import { type PoolEvent, PoolState } from './pool-state.ts';
import { RunChannels } from './run-channels.ts';
import { type FoldedHistory, loadHistory } from './history.ts';
import { foldTarget } from './target-state.ts';
import { SecondRing } from './time-rings.ts';

/**
 * What is known of an engine, folded from a snapshot and the events after it: exact counts, the last twenty minutes as
 * typed arrays, and the events that changed something. Plain TypeScript, without timers: whoever owns it tells the time.
 */
export class Fold implements Frame {
  readonly pools: Map<string, PoolState> = new Map();
  readonly targets: Map<string, TargetSnapshot> = new Map();
  readonly channels: Map<string, ChannelState> = new Map();
  readonly faults: Map<string, FaultSnapshot> = new Map();
  readonly runChannels: RunChannels = new RunChannels();
  readonly notable: NotableLog = new NotableLog();
  readonly gaps: Gaps = new Gaps();
  /** Events a second, all of them. */
  readonly eventRate: SecondRing = new SecondRing();
  /** In use and waiting over all pools, in clients. */
  readonly demand: SecondRing = new SecondRing();
  /** What the snapshot says of the engine; undefined before the first. */
  engine: EngineSnapshot | undefined;
  /** The engine's time of the last that was heard, in epoch milliseconds. */
  at = 0;
  epoch = '';
  seq = 0;
  /** All events that were ever folded. */
  folded = 0;
  /** When the record begins, in epoch milliseconds. */
  beganAt = 0;
  /** Moves whenever a pool, a channel or a target comes or goes. */
  shape = 0;

  readonly #standing: Map<number, PoolState> = new Map();
  #recorded = 0;

  /**
   * Takes a snapshot: what is known now is replaced, what was recorded is kept if it is the same engine. A history that
   * comes with it is written over what was recorded.
   */
  reset(snapshot: EngineSnapshot, history?: FoldedHistory): void {
    if (this.engine !== undefined && !isSameEngine(this.engine, snapshot)) this.#forget();
    if (history !== undefined) loadHistory(this, history);
    this.engine = snapshot;
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    if (this.beganAt === 0) this.beganAt = snapshot.at;
    this.#recorded = Math.max(this.#recorded, Math.floor(snapshot.at / 1000) - 1);
    this.at = Math.max(this.at, snapshot.at);
    this.#loadPools(snapshot);
    this.#loadChannels(snapshot);
    replaceAll(this.targets, snapshot.targets, ({ target }) => target);
    replaceAll(this.faults, snapshot.faults, ({ fault }) => fault);
    for (const { runId, channel } of snapshot.runs) this.runChannels.note(runId, channel);
    this.shape += 1;
  }

  /** Folds one event. One that is contained already, or of another epoch, changes nothing. */
  add(event: SluiceEvent): void {
    if (event.epoch !== this.epoch || event.seq <= this.seq) return;
    this.seq = event.seq;
    this.folded += 1;
    this.tick(event.at);
    this.eventRate.add(Math.floor(event.at / 1000), 1);
    this.#fold(event);
    this.notable.add(event);
  }

  /** Moves time on: what holds now is what held in every second that passed without an event. */
  tick(at: number): void {
    if (!(at > this.at)) return;
    this.at = at;
    const second = Math.floor(at / 1000) - 1;
    if (second <= this.#recorded) return;
    // After a long sleep the seconds in between are not known, and recording them one by one would take as long.
    const from = Math.max(this.#recorded + 1, second - 1_199);
    for (let s = from; s <= second; s += 1) this.#record(s);
    this.#recorded = second;
  }

  #fold(event: SluiceEvent): void {
    this.#foldWaiter(event);
    if (event.type === 'fault.added') {
      this.faults.set(event.fault, event);
      return;
    }
    if ('pool' in event && typeof event.pool === 'string') this.#foldPool(event);
    if ('channel' in event && typeof event.channel === 'string') {
      this.#foldChannel(event);
    }
    if (event.type === 'fault.removed') this.faults.delete(event.fault);
  }

  #foldPool(event: PoolEvent): void {
    if (event.type === 'pool.opened') this.#openPool(event);
    if (event.type === 'pool.removed') return this.#removePool(event.pool);
    if ('target' in event) this.#foldTarget(event);
    const pool = this.pools.get(event.pool);
    if (pool !== undefined) foldPool(pool, event);
  }

  #foldTarget(event: Extract<PoolEvent, { readonly target: string }>): void {
    const before = this.targets.get(event.target);
    const after = foldTarget(before, event);
    if (after === before) return;
    this.targets.set(event.target, after);
    if (before === undefined) this.shape += 1;
  }

  #openPool(event: Extract<PoolEvent, { readonly minIdle: number }>): void {
    const { maxSize, minIdle } = event;
    const before = this.pools.get(event.pool);
    const pool = new PoolState(event.pool, { ...NO_OPTIONS, maxSize, minIdle }, before?.series);
    if ('group' in event) pool.group = event.group;
    if ('provider' in event) pool.provider = event.provider;
    this.pools.set(event.pool, pool);
    this.shape += 1;
  }

  #removePool(name: string): void {
    this.pools.delete(name);
    for (const [id, { pool }] of this.targets) if (pool === name) this.targets.delete(id);
    this.shape += 1;
  }

  #foldChannel(event: ChannelEvent): void {
    if (event.type === 'channel.removed') {
      this.channels.delete(event.channel);
      this.shape += 1;
      return;
    }
    let channel = this.channels.get(event.channel);
    if (channel === undefined) {
      channel = new ChannelState(event.channel);
      this.channels.set(event.channel, channel);
      this.shape += 1;
    }
    if (event.type === 'message.received') this.runChannels.note(event.runId, event.channel);
    foldChannel(channel, event);
    foldBacklog(channel, event);
  }

  /** A waiter stands in one line at a time, but may be moved to another pool's. */
  #foldWaiter(event: SluiceEvent): void {
    if (event.type === 'lease.waiting') return this.#wait(event);
    if (event.type !== 'lease.acquired' && event.type !== 'lease.refused') return;
    if (event.waiter === undefined) return;
    const pool = this.#standing.get(event.waiter) ?? this.#poolWithCut(event.pool);
    pool?.line.leave(event.waiter);
    if (pool !== undefined) pool.version += 1;
    this.#standing.delete(event.waiter);
  }

  #wait(event: Extract<SluiceEvent, { readonly type: 'lease.waiting' }>): void {
    const { waiter, timeoutMs, label, position } = event;
    const before = this.#standing.get(waiter)?.line.leave(waiter);
    const pool = this.pools.get(event.pool);
    if (pool === undefined) return;
    pool.line.join(position, { waiter, since: before?.since ?? event.at, timeoutMs, label });
    pool.line.recount(event.waiting);
    this.#standing.set(waiter, pool);
  }

  #poolWithCut(name: string): PoolState | undefined {
    const named = this.pools.get(name);
    if (named !== undefined && named.line.cut > 0) return named;
    return [...this.pools.values()].find(({ line }) => line.cut > 0);
  }

  #loadPools(snapshot: EngineSnapshot): void {
    const before = new Map(this.pools);
    this.pools.clear();
    this.#standing.clear();
    for (const loaded of snapshot.pools) {
      const known = before.get(loaded.name);
      const pool = new PoolState(loaded.name, loaded.options, known?.series);
      pool.version = known?.version ?? 0;
      pool.load(loaded);
      this.pools.set(loaded.name, pool);
      for (const { waiter } of loaded.waiters) this.#standing.set(waiter, pool);
    }
  }

  #loadChannels(snapshot: EngineSnapshot): void {
    const before = new Map(this.channels);
    this.channels.clear();
    for (const loaded of snapshot.channels) {
      const channel = before.get(loaded.channel) ?? new ChannelState(loaded.channel);
      channel.load(loaded);
      this.channels.set(loaded.channel, channel);
    }
  }

  #record(second: number): void {
    let demand = 0;
    for (const pool of this.pools.values()) {
      pool.record(second);
      demand += pool.slots.count('inUse') + pool.line.length;
    }
    this.demand.write(second, demand);
  }

  /** Another process answers at this address: nothing that was recorded is about it. */
  #forget(): void {
    this.pools.clear();
    this.channels.clear();
    this.notable.load([]);
    this.gaps.clear();
    this.beganAt = 0;
    this.at = 0;
    this.#recorded = 0;
  }
}

function isSameEngine(a: EngineSnapshot, b: EngineSnapshot): boolean {
  return a.name === b.name && a.startedAt === b.startedAt;
}

function replaceAll<T>(
  map: Map<string, T>,
  values: readonly T[],
  keyOf: (value: T) => string,
): void {
  map.clear();
  for (const value of values) map.set(keyOf(value), value);
}

/** For a pool whose opening told no options. */
const NO_OPTIONS = {
  maxWaiters: 0,
  acquireTimeoutMs: 0,
  idleTimeoutMs: 0,
  maxLifetimeMs: 0,
};
