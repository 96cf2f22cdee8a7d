import { assertDelay, type AfterOptions, type Clock } from '../base/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly fn: () => void;
  readonly isUnref: boolean;
}

/** How many turns of the microtask queue are given to promises after each timer. */
const SETTLE_TURNS = 50;

/**
 * A clock that moves only when told to, and lets promises settle between timers, so that a day of waiting takes no time
 * and happens in the same order every time.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #epochMs: number;
  readonly #timers = new Set<Timer>();

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
    let count = 0;
    for (const timer of this.#timers) if (!timer.isUnref) count += 1;
    return count;
  }

  now(): number {
    return this.#nowMs;
  }

  timestamp(): number {
    return this.#epochMs + this.#nowMs;
  }

  after(delayMs: number, fn: () => void, options?: AfterOptions): () => void {
    assertDelay(delayMs);
    const isUnref = options?.unref === true;
    const timer = { dueAt: this.#nowMs + delayMs, order: this.#order, fn, isUnref };
    this.#order += 1;
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves time on by `durationMs`: each timer runs at its own time, and promises settle before the next one. */
  async advance(durationMs: number): Promise<void> {
    assertDelay(durationMs);
    const endMs = this.#nowMs + durationMs;
    await this.settle();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAt);
      this.#timers.delete(timer);
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
    for (let turn = 0; turn < SETTLE_TURNS; turn += 1) await undefined;
  }

  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt > endMs) continue;
      if (next === undefined || isBefore(timer, next)) next = timer;
    }
    return next;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt === b.dueAt ? a.order < b.order : a.dueAt < b.dueAt;
}
