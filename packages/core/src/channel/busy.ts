import { isSluiceError } from '../base/errors.ts';

/** Tells that there was no reply for want of room: trying again may help. */
export interface Busy {
  /** How long to wait, in milliseconds, where somebody said so. */
  readonly retryAfterMs?: number | undefined;
}

/** The errors that say "not now" and not "no". */
const BUSY_CODES: ReadonlySet<string> = new Set([
  'POOL_ACQUIRE_TIMEOUT',
  'POOL_QUEUE_FULL',
  'POOL_SHED',
  'POOL_DRAINING',
  'CIRCUIT_OPEN',
  'RATE_LIMITED',
  'PROVIDER_RATE_LIMIT',
  'PROVIDER_OVERLOADED',
]);

/** Tells whether a handler failed for want of room, or `undefined` when it failed for another reason. */
export function busyOf(error: unknown): Busy | undefined {
  if (!isSluiceError(error) || !BUSY_CODES.has(error.code)) return undefined;
  const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' ? { retryAfterMs } : {};
}
