import type { DashboardHost } from './host.ts';

/** What is due in a sample: shapes always, text at 4 Hz, percentiles and the verdict at 1 Hz. */
export interface Due {
  readonly timestamp: number;
  readonly text: boolean;
  readonly slow: boolean;
}

/** How soon the next sample is wanted: at once when something changed, later when only ages move, else each second. */
export type Pace = 'changed' | 'ageing' | 'still';

const PACE_MS: Readonly<Record<Pace, number>> = { changed: 100, ageing: 250, still: 1_000 };
const TEXT_MS = 250;
const SLOW_MS = 1_000;
/** Timers and frames come a little late; what is due within this is due now. */
const SLACK_MS = 20;

/**
 * Decides when to look: at most ten times a second however fast the events come, and not at all while nobody can see it.
 * One timer and one frame at a time.
 */
export class Sampler {
  readonly #host: DashboardHost;
  readonly #sample: (due: Due) => Pace;
  #cancel: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #pace: Pace = 'changed';
  #sampledAt = Number.NEGATIVE_INFINITY;
  #textAt = Number.NEGATIVE_INFINITY;
  #slowAt = Number.NEGATIVE_INFINITY;

  constructor(host: DashboardHost, sample: (due: Due) => Pace) {
    this.#host = host;
    this.#sample = sample;
  }

  /** Begins to look. Safe to call twice. */
  start(): void {
    this.#stopListening ??= this.#host.onVisibilityChange(() => this.#restart());
    this.#restart();
  }

  /** Stops looking. */
  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#rest();
  }

  /** Says that something changed. Cheap: it is called for every event. */
  wake(): void {
    if (this.#pace === 'changed') return;
    this.#pace = 'changed';
    this.#restart();
  }

  /** Makes everything due at once: the reader did something and wants to see it. */
  refresh(): void {
    this.#textAt = Number.NEGATIVE_INFINITY;
    this.#slowAt = Number.NEGATIVE_INFINITY;
    this.#sampledAt = Number.NEGATIVE_INFINITY;
    this.#restart();
  }

  #restart(): void {
    this.#rest();
    if (this.#stopListening === undefined || !this.#host.isVisible()) return;
    const dueAt = this.#sampledAt + PACE_MS[this.#pace];
    const delayMs = Math.max(0, dueAt - this.#host.timestamp());
    this.#cancel = this.#host.after(Number.isFinite(delayMs) ? delayMs : 0, () => {
      this.#cancel = this.#host.nextFrame(() => this.#look());
    });
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    const timestamp = this.#host.timestamp();
    const text = timestamp - this.#textAt >= TEXT_MS - SLACK_MS;
    const slow = timestamp - this.#slowAt >= SLOW_MS - SLACK_MS;
    this.#sampledAt = timestamp;
    if (text) this.#textAt = timestamp;
    if (slow) this.#slowAt = timestamp;
    this.#pace = this.#sample({ timestamp, text, slow });
    this.#restart();
  }
}
