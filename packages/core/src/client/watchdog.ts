import type { Clock } from '../base/clock.ts';
import type { ProviderErrorKind } from './errors.ts';
import type { ResolvedTimeouts } from './timeouts.ts';

/** Which of an attempt's timeouts struck. */
export type TimeoutKind = Extract<ProviderErrorKind, `${string}-timeout`>;

interface Deadline {
  readonly kind: TimeoutKind;
  readonly limitMs: number;
  readonly dueAt: number;
}

/**
 * Keeps the four timeouts of an attempt with one timer. Deadlines mostly move away, chunk by chunk: the timer is left
 * alone then, looks again when it fires, and is armed anew only for a deadline that came nearer.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timeouts: ResolvedTimeouts;
  readonly #onTimeout: (kind: TimeoutKind, limitMs: number) => void;
  readonly #startedAt: number;
  #hasByte = false;
  #hasContent = false;
  /** Since when the reader waits; `undefined` while it does not: a reader who takes its time is no silence. */
  #waitingSince: number | undefined;
  #armedFor = Infinity;
  #cancel: (() => void) | undefined;

  /** Starts at once. Stop it. */
  constructor(
    clock: Clock,
    timeouts: ResolvedTimeouts,
    onTimeout: (kind: TimeoutKind, limitMs: number) => void,
  ) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#onTimeout = onTimeout;
    this.#startedAt = clock.now();
    this.#rearm();
  }

  /** How long ago it started, in monotonic milliseconds. */
  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  /** The reader waits from now on. */
  waits(): void {
    this.#waitingSince = this.#clock.now();
    this.#rearm();
  }

  /** What the reader waited for is there. */
  arrived(): void {
    this.#waitingSince = undefined;
  }

  /** Something arrived, though it may be no chunk: silence is counted from now on. */
  alive(): void {
    if (this.#waitingSince !== undefined) this.#waitingSince = this.#clock.now();
  }

  /** The status, or the first sign of life, is there. */
  firstByte(): void {
    this.#hasByte = true;
    this.alive();
    this.#rearm();
  }

  /** The first content is there. */
  firstContent(): void {
    this.#hasContent = true;
  }

  /** Stops for good. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = -Infinity; // nothing is nearer: it is never armed again
  }

  #rearm(): void {
    const next = this.#nearest();
    if (next === undefined || next.dueAt >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next.dueAt;
    this.#cancel = this.#clock.after(Math.max(0, next.dueAt - this.#clock.now()), () =>
      this.#look(),
    );
  }

  #look(): void {
    this.#armedFor = Infinity;
    this.#cancel = undefined;
    const next = this.#nearest();
    if (next === undefined) return;
    if (next.dueAt > this.#clock.now()) this.#rearm();
    else this.#onTimeout(next.kind, next.limitMs);
  }

  #nearest(): Deadline | undefined {
    let nearest: Deadline | undefined;
    const consider = (kind: TimeoutKind, since: number, limitMs: number): void => {
      const dueAt = since + limitMs;
      if (dueAt < (nearest?.dueAt ?? Infinity)) nearest = { kind, limitMs, dueAt };
    };
    const { firstByteMs, firstContentMs, idleMs, totalMs } = this.#timeouts;
    if (!this.#hasByte) consider('first-byte-timeout', this.#startedAt, firstByteMs);
    if (!this.#hasContent) consider('first-content-timeout', this.#startedAt, firstContentMs);
    if (this.#hasByte && this.#waitingSince !== undefined) {
      consider('idle-timeout', this.#waitingSince, idleMs);
    }
    consider('total-timeout', this.#startedAt, totalMs);
    return nearest;
  }
}
