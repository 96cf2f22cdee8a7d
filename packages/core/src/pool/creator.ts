import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { type Outcome, runBounded } from './bounded-run.ts';
import type { Entry } from './entry.ts';
import { PoolTimeoutError } from './errors.ts';
import type { LiveOptions, ResolvedBackoff } from './options.ts';

/** What a creator needs of its pool. */
export interface CreatorOptions<R> {
  readonly live: LiveOptions<R>;
  readonly onCreated: (entry: Entry<R>, resource: R) => void;
  readonly onFailed: (entry: Entry<R>, error: unknown) => void;
  /** A resource arrived after its create was given up: it must be destroyed. */
  readonly onLate: (resource: R) => void;
  /** The delay after a failure is over. */
  readonly onReady: () => void;
}

/** Creates resources, and takes its time while creating fails. */
export class Creator<R> {
  readonly #pool: CreatorOptions<R>;
  #failures = 0;
  #lastError: unknown = undefined;
  #cancelDelay: (() => void) | undefined;

  constructor(pool: CreatorOptions<R>) {
    this.#pool = pool;
  }

  /** How many creates failed since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** The error of the last create, if it failed. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** How many creates may be started while `creating` are under way: one at a time once they fail, none in between. */
  allowed(creating: number): number {
    if (this.#cancelDelay !== undefined) return 0;
    return this.#failures > 0 ? Math.max(0, 1 - creating) : Infinity;
  }

  /** Notes that a create worked: the next ones need not be careful. */
  succeed(): void {
    this.#failures = 0;
    this.#lastError = undefined;
    this.stop();
  }

  /** Starts a create for an entry. It ends by `onCreated` or `onFailed`. */
  start(entry: Entry<R>): void {
    const { name, create, createTimeoutMs, clock } = this.#pool.live.current;
    const abort = runBounded<R>({
      work: (signal) => create({ signal }),
      clock,
      timeoutMs: createTimeoutMs,
      unref: true, // whoever waits for it has a timer of its own
      onTimeout: () => new PoolTimeoutError(name, 'create', createTimeoutMs),
      onEnd: (outcome) => this.#onEnd(entry, outcome),
      onLate: this.#pool.onLate,
    });
    if (entry.status === 'creating') entry.abort = abort;
  }

  /** Waits before the next create, the longer the more have failed. */
  backOff(): void {
    if (this.#cancelDelay !== undefined) return;
    const { clock, random, backoff } = this.#pool.live.current;
    const delayMs = backoffDelay(this.#failures, backoff, random);
    this.#cancelDelay = afterDelay(clock, delayMs, () => {
      this.#cancelDelay = undefined;
      this.#pool.onReady();
    });
  }

  /** Ends the delay. */
  stop(): void {
    this.#cancelDelay?.();
    this.#cancelDelay = undefined;
  }

  #onEnd(entry: Entry<R>, outcome: Outcome<R>): void {
    if (outcome.kind === 'done') {
      this.#pool.onCreated(entry, outcome.value);
      return;
    }
    this.fail(entry, outcome.error);
  }

  /** Counts a create as failed: it threw, took too long, or made something that cannot be used. */
  fail(entry: Entry<R>, error: unknown): void {
    this.#failures += 1;
    this.#lastError = error;
    this.#pool.onFailed(entry, error);
  }
}

/** The delay after so many failures in a row, in milliseconds. */
function backoffDelay(failures: number, backoff: ResolvedBackoff, random: Random): number {
  const { baseMs, factor, capMs, jitter } = backoff;
  const fullMs = Math.min(capMs, baseMs * factor ** (failures - 1));
  return Math.round(jitter === 'full' ? fullMs * random.next() : fullMs);
}

function afterDelay(clock: Clock, delayMs: number, fn: () => void): () => void {
  return clock.after(delayMs, fn, { unref: true });
}
