import { Alarm } from './alarm.ts';
import type { CoarseClock } from './coarse-clock.ts';
import type { Entry } from './entry.ts';
import type { Inventory } from './inventory.ts';
import type { LiveOptions } from './options.ts';
import { nextUpkeep, type Upkeep } from './upkeep.ts';

/** What an evictor needs of its pool. */
export interface EvictorOptions<R> {
  readonly live: LiveOptions<R>;
  readonly inventory: Inventory<R>;
  readonly time: CoarseClock;
  /** Does what an entry needs. */
  readonly onDue: (entry: Entry<R>, upkeep: Upkeep) => void;
  /** The sweep is over: what it freed can be handed out or filled up again. */
  readonly onSwept: () => void;
}

/** The longest tick, in milliseconds. */
const MAX_TICK_MS = 1_000;

/**
 * The sweep: idle timeout, lifetime, keepalive checks, leaks. It wakes when something falls due, and within a tick of
 * whatever was lent or given back; a pool in which nothing moves and nothing is due has no timer.
 */
export class Evictor<R> {
  readonly #pool: EvictorOptions<R>;
  readonly #alarm: Alarm;
  #isStopped = false;

  constructor(pool: EvictorOptions<R>) {
    this.#pool = pool;
    this.#alarm = new Alarm({
      clock: pool.live.current.clock,
      unref: true,
      onRing: (now) => this.#sweep(now),
    });
  }

  /** Makes sure that a sweep comes within a tick. */
  beginTick(now: number): void {
    if (!this.#isStopped) this.#alarm.ringBy(now + this.#tickMs(), now);
  }

  /** Sweeps as soon as it can: something fell due that it does not know of. */
  wake(now: number): void {
    if (!this.#isStopped) this.#alarm.ringBy(now, now);
  }

  /** Sweeps no more. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm.stop();
  }

  /** A tenth of the shortest limit that is kept by sweeping. */
  #tickMs(): number {
    const { idleTimeoutMs, leakThresholdMs, usageDeadlineMs } = this.#pool.live.current;
    const shortest = Math.min(
      idleTimeoutMs,
      leakThresholdMs ?? Infinity,
      usageDeadlineMs ?? Infinity,
    );
    return Math.min(MAX_TICK_MS, Math.ceil(shortest / 10));
  }

  #sweep(now: number): void {
    this.#pool.time.endTick();
    for (const entry of this.#byIdleness()) {
      const upkeep = this.#upkeepOf(entry);
      if (upkeep.at <= now) this.#pool.onDue(entry, upkeep);
    }
    this.#pool.onSwept();
    this.#setAlarm(now);
  }

  #setAlarm(now: number): void {
    if (this.#isStopped) return;
    let next = Infinity;
    for (const entry of this.#pool.inventory.entries()) {
      next = Math.min(next, this.#upkeepOf(entry).at);
    }
    // What is due already was made due by the sweep itself, and gets a sweep of its own.
    if (next < Infinity) this.#alarm.ringBy(Math.max(next, now), now);
  }

  #upkeepOf(entry: Entry<R>): Upkeep {
    const { inventory, live } = this.#pool;
    const isSurplus = inventory.idle.size > live.current.minIdle;
    return nextUpkeep(entry, live.current, { isSurplus, slackMs: this.#tickMs() });
  }

  /** Those idle for longest first: they are the surplus. */
  #byIdleness(): Entry<R>[] {
    return this.#pool.inventory.entries().toSorted((a, b) => a.idleSince - b.idleSince);
  }
}
