import { type AfterOptions, assertDelay, type Clock } from '../base/clock.ts';
import { type Timer, TimerHeap } from './timer-heap.ts';

/** How many turns of the microtask queue are given to promises after each timer. */
const SETTLE_TURNS = 50;

/**
 * A clock that moves only when told to, and lets promises settle between timers, so that a day of waiting takes no time
 * and happens in the same order every time.
 */
export class VirtualClock implements Clock {
  readonly #epochMs: number;
  readonly #timers = new TimerHeap();
  #nowMs = 0;
  #order = 0;
  #unref = 0;

  /** Starts at 0 monotonic and at `epochMs` of wall-clock time (default 2026-01-01). */
  constructor(epochMs: number = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** How many of them would keep a Node process alive. */
  get holding(): number {
    return this.#timers.size - this.#unref;
  }

  /** Reads the virtual milliseconds since the clock was made. */
  now(): number {
    return this.#nowMs;
  }

  /** Reads the virtual time of day, in epoch milliseconds. */
  timestamp(): number {
    return this.#epochMs + this.#nowMs;
  }

  /** Runs `fn` once, when time has been moved to `delayMs` from now. */
  after(delayMs: number, fn: () => void, options?: AfterOptions): () => void {
    assertDelay(delayMs);
    const isUnref = options?.unref === true;
    const timer: Timer = {
      dueAt: this.#nowMs + delayMs,
      order: this.#order,
      fn,
      isUnref,
      place: -1,
    };
    this.#order += 1;
    this.#timers.add(timer);
    if (isUnref) this.#unref += 1;
    return () => this.#remove(timer);
  }

  /** Moves time on by `durationMs`: each timer runs at its own time, and promises settle before the next one. */
  async advance(durationMs: number): Promise<void> {
    assertDelay(durationMs);
    const endMs = this.#nowMs + durationMs;
    await this.settle();
    for (let timer = this.#due(endMs); timer !== undefined; timer = this.#due(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAt);
      this.#remove(timer);
      timer.fn();
      await this.settle();
    }
    this.#nowMs = endMs;
  }

  /** Jumps over `durationMs` as a computer asleep does: whatever fell due runs late, in order, at the new time. */
  async jump(durationMs: number): Promise<void> {
    assertDelay(durationMs);
    this.#nowMs += durationMs;
    await this.advance(0);
  }

  /** Lets promises settle without moving time. */
  async settle(): Promise<void> {
    const turn = Promise.resolve();
    for (let turns = 0; turns < SETTLE_TURNS; turns += 1) await turn;
  }

  #due(endMs: number): Timer | undefined {
    const timer = this.#timers.first;
    return timer !== undefined && timer.dueAt <= endMs ? timer : undefined;
  }

  #remove(timer: Timer): void {
    if (this.#timers.remove(timer) && timer.isUnref) this.#unref -= 1;
  }
}
