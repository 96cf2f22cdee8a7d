import { isSluiceError } from '../base/errors.ts';

/**
 * What an error means for the next try.
 *
 * - `aborted`: the caller left. It says nothing of the target, and nobody waits for another try.
 * - `fatal`: the request itself is at fault and would fail everywhere, or was ended by hand. No fault of the target.
 * - `unfit`: this target cannot serve this request, another may. No fault of the target.
 * - `refused`: this target serves nobody as things are (a bad key, no quota, no such model). Another may; the same would fail again.
 * - `retry`: the target failed. Another try may succeed, here or elsewhere.
 * - `retry-after`: the target is busy and asks to wait. It is alive, so it is no fault, but it takes nothing until then.
 */
export type ErrorClass =
  | { readonly kind: 'aborted' }
  | { readonly kind: 'fatal' }
  | { readonly kind: 'unfit' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'retry-after'; readonly retryAfterMs: number | undefined };

/**
 * Every provider would say the same. A content filter is among them: going elsewhere would evade it. A lease that was
 * revoked is too: somebody wanted this call to end.
 */
const FATAL: ReadonlySet<string> = new Set([
  'PROVIDER_BAD_REQUEST',
  'PROVIDER_CONTENT_FILTER',
  'LEASE_REVOKED',
]);

/** Another model, with a longer context or more abilities, may take it. */
const UNFIT: ReadonlySet<string> = new Set(['PROVIDER_CONTEXT_LENGTH', 'PROVIDER_UNSUPPORTED']);

const REFUSED: ReadonlySet<string> = new Set([
  'PROVIDER_AUTH',
  'PROVIDER_NOT_FOUND',
  'PROVIDER_PERMISSION',
  'PROVIDER_QUOTA',
]);

/**
 * Says what an error means, by its code and fields, never by its message. An error that is not Sluice's counts as a
 * failure of the target: whatever threw it was at work for it.
 *
 * @param signal - The caller's. When it is aborted and `error` is its reason, the caller left.
 */
export function classify(error: unknown, signal?: AbortSignal): ErrorClass {
  if (signal?.aborted === true && error === signal.reason) return { kind: 'aborted' };
  if (!isSluiceError(error)) return { kind: 'retry' };
  if (FATAL.has(error.code)) return { kind: 'fatal' };
  if (UNFIT.has(error.code)) return { kind: 'unfit' };
  if (REFUSED.has(error.code)) return { kind: 'refused' };
  const retryAfterMs = retryAfterOf(error);
  if (error.code === 'PROVIDER_RATE_LIMIT') return { kind: 'retry-after', retryAfterMs };
  if (retryAfterMs !== undefined) return { kind: 'retry-after', retryAfterMs };
  return { kind: 'retry' };
}

/** Whether a failure of this class counts against the circuit of its target. */
export function isTargetFault({ kind }: ErrorClass): boolean {
  return kind === 'retry' || kind === 'refused';
}

function retryAfterOf(error: object): number | undefined {
  const retryAfterMs = (error as { retryAfterMs?: unknown }).retryAfterMs;
  return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
}
