/** Where response headers are read from. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** The longest wait that is believed, whatever a provider asks: ten minutes. */
export const MAX_RETRY_AFTER_MS = 600_000;

/** What a wait is read from. */
export interface RetryHint {
  readonly headers: HeaderSource;
  /** The provider's words, where compatible servers hide the wait. */
  readonly message?: string | undefined;
  /** What the body says in a field of its own, in milliseconds: Google's way. */
  readonly bodyMs?: number | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Reads how long a provider asks to wait, in milliseconds between 0 and 600,000; `undefined` when it does not say, or
 * says nothing sensible. The forms, in order: `retry-after-ms` (unless 0: it comes beside a `retry-after` that knows
 * better), `x-ms-retry-after-ms`, `retry-after` in seconds or as a date, a field of
 * the body, "try again in 6m0s" in the message.
 */
export function readRetryAfter({ headers, message, bodyMs, nowMs }: RetryHint): number | undefined {
  const ms =
    positive(readNumber(headers.get('retry-after-ms'))) ??
    positive(readNumber(headers.get('x-ms-retry-after-ms'))) ??
    readSecondsOrDate(headers.get('retry-after'), nowMs) ??
    bodyMs ??
    (message === undefined ? undefined : readSentence(message));
  return ms === undefined ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** Milliseconds in each unit of a duration. */
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * Reads a duration such as `6m0s`, `17.379s` or `20ms`, or a bare number of seconds, in milliseconds. `undefined` for
 * anything else.
 */
export function readDuration(text: string): number | undefined {
  const seconds = readNumber(text);
  if (seconds !== undefined) return seconds * 1_000;
  const piece = /(\d+(?:\.\d+)?)(h|ms|m|s)/y;
  let totalMs = 0;
  let isAny = false;
  while (piece.lastIndex < text.length) {
    const match = piece.exec(text);
    if (match === null) return undefined;
    totalMs += Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
    isAny = true;
  }
  return isAny && totalMs < Infinity ? totalMs : undefined;
}

/** Reads a plain decimal number, at least 0: no sign, no exponent, no more than 15 digits. `undefined` for anything else. */
export function readNumber(text: string | null): number | undefined {
  if (text === null) return undefined;
  const trimmed = text.trim();
  return /^\d{1,15}(?:\.\d{1,15})?$/.test(trimmed) ? Number(trimmed) : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function readSecondsOrDate(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const seconds = readNumber(text);
  if (seconds !== undefined) return seconds * 1_000;
  // Only what looks like a date: `Date.parse` makes one of nearly anything, `-1` included.
  if (!/^[A-Z][a-z]{2,8},? /.test(text) || text.length > 40) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The last resort: the providers' own sentence. The message is cut, so that the pattern has little to run over. */
function readSentence(message: string): number | undefined {
  const match =
    /(?:try again|retry) (?:in|after) (\d{1,9}(?:\.\d{1,9})?) ?(ms|milliseconds?|s|seconds?|m|minutes?|h)((?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m))*)/i.exec(
      message.slice(0, 2_000),
    );
  if (match === null) return undefined;
  const [, amount = '', unit = '', rest = ''] = match;
  return readDuration(`${amount}${shortUnit(unit.toLowerCase())}${rest.toLowerCase()}`);
}

function shortUnit(unit: string): string {
  if (unit.startsWith('mil') || unit === 'ms') return 'ms';
  return unit.slice(0, 1);
}
