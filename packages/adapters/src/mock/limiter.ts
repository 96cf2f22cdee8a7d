import { charEstimate, type Clock } from '@sluice/core';
import type { Question, ScriptedBudget, ScriptedLimits } from './script.ts';

/** What each key may use within a window that slides. */
export interface LimiterOptions {
  /** Default: as many as come. */
  readonly requestsPerMinute?: number | undefined;
  /** Tokens in and out together, estimated. Default: as many as come. */
  readonly tokensPerMinute?: number | undefined;
  /** How long the window is, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
}

/** Whether a request may be answered, and what the headers tell. */
export type Admission =
  | {
      readonly isAdmitted: true;
      readonly limits: ScriptedLimits;
      /** Counts the answer's tokens in too. */
      charge(tokens: number): void;
    }
  | { readonly isAdmitted: false; readonly limits: ScriptedLimits; readonly retryAfterMs: number };

/** One request within the window. */
interface Entry {
  readonly at: number;
  tokens: number;
}

/** How many keys are told apart; the one that came first is forgotten first. */
const MAX_KEYS = 1_000;

/** Counts requests and tokens of each key over a window that slides, as providers do. */
export class Limiter {
  readonly #requests: number;
  readonly #tokens: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Entry[]>();

  constructor(options: LimiterOptions, clock: Clock) {
    const { requestsPerMinute = Infinity, tokensPerMinute = Infinity, windowMs = 60_000 } = options;
    this.#requests = requestsPerMinute;
    this.#tokens = tokensPerMinute;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Counts a request in, or says how long it has to wait. A refused one is not counted. */
  admit(headers: Question['headers'], { messages }: Pick<Question, 'messages'>): Admission {
    const now = this.#clock.now();
    const entries = this.#entriesOf(keyOf(headers), now);
    const tokens = messages.reduce((total, { text }) => total + charEstimate.count(text), 0);
    const retryAfterMs = this.#waitFor(entries, tokens, now);
    if (retryAfterMs > 0) {
      return { isAdmitted: false, limits: this.#limitsOf(entries, now), retryAfterMs };
    }
    const entry = { at: now, tokens };
    entries.push(entry);
    const limits = this.#limitsOf(entries, now);
    return { isAdmitted: true, limits, charge: (more) => void (entry.tokens += more) };
  }

  /** How long until enough of what was used has left the window. */
  #waitFor(entries: readonly Entry[], tokens: number, now: number): number {
    let requestsUsed = entries.length;
    let tokensUsed = used(entries);
    let waitMs = 0;
    for (const entry of entries) {
      // What alone is more than the limit is let in once the window is empty: it could never be otherwise.
      if (requestsUsed < this.#requests && tokensUsed + tokens <= this.#tokens) break;
      requestsUsed -= 1;
      tokensUsed -= entry.tokens;
      waitMs = entry.at + this.#windowMs - now;
    }
    return waitMs;
  }

  #limitsOf(entries: readonly Entry[], now: number): ScriptedLimits {
    const last = entries.at(-1);
    const resetMs = last === undefined ? 0 : last.at + this.#windowMs - now;
    return {
      requests: budget(this.#requests, entries.length, resetMs),
      tokens: budget(this.#tokens, used(entries), resetMs),
    };
  }

  #entriesOf(key: string, now: number): Entry[] {
    const entries = (this.#byKey.get(key) ?? []).filter(({ at }) => at + this.#windowMs > now);
    this.#byKey.set(key, entries);
    if (this.#byKey.size > MAX_KEYS) {
      for (const first of this.#byKey.keys()) {
        this.#byKey.delete(first);
        break;
      }
    }
    return entries;
  }
}

function used(entries: readonly Entry[]): number {
  return entries.reduce((total, { tokens }) => total + tokens, 0);
}

function budget(limit: number, spent: number, resetMs: number): ScriptedBudget | undefined {
  if (limit === Infinity) return undefined;
  return { limit, remaining: Math.max(0, limit - spent), resetMs };
}

/** Wherever the provider looks for its key. It stays in the limiter's memory alone. */
function keyOf(headers: Readonly<Record<string, string>>): string {
  return (
    headers['authorization'] ??
    headers['x-api-key'] ??
    headers['x-goog-api-key'] ??
    headers['api-key'] ??
    ''
  );
}
