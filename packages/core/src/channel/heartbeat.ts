import '../base/dispose.ts';
import type { Clock } from '../base/clock.ts';

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  /** The time between two beats, in milliseconds. */
  readonly intervalMs: number;
  /** The time to the first beat, in milliseconds. Default: `intervalMs`. */
  readonly firstDelayMs?: number | undefined;
  /** Sends one beat. */
  readonly beat: () => void;
  /** Hears once that a beat was not answered before the next was due: the connection only looks alive. */
  readonly onZombie: () => void;
}

/** How many intervals late a beat may come before the computer must have slept. */
const SLEEP_FACTOR = 2;

/**
 * Beats until it is disposed of, for transports that must. A computer that slept has missed no answer: the connection is
 * asked again and gets one interval to answer.
 */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  #isAnswered = true;
  #dueAt = 0;
  #cancel: () => void;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#cancel = this.#arm(options.firstDelayMs ?? options.intervalMs);
  }

  /** Notes the answer to a beat. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Beats at once, as a peer may ask for. Needs no answer of its own. */
  beatNow(): void {
    this.#options.beat();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #arm(delayMs: number): () => void {
    const { clock } = this.#options;
    this.#dueAt = clock.now() + delayMs;
    return clock.after(delayMs, () => this.#due(), { unref: true });
  }

  #due(): void {
    const { clock, intervalMs, beat, onZombie } = this.#options;
    const hasSlept = clock.now() - this.#dueAt > intervalMs * SLEEP_FACTOR;
    if (!this.#isAnswered && !hasSlept) return onZombie();
    this.#isAnswered = false;
    this.#cancel = this.#arm(intervalMs);
    beat();
  }
}
