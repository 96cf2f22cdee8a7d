import type { DestroyReason } from '../events/pool-event.ts';
import type { Entry } from './entry.ts';
import type { ResolvedPoolOptions } from './options.ts';

/** What an entry needs next, and when, in monotonic milliseconds. */
export interface Upkeep {
  readonly at: number;
  readonly kind: 'nothing' | 'check' | 'suspect' | 'revoke' | 'retire';
  readonly reason?: DestroyReason | undefined;
}

const NOTHING: Upkeep = { at: Infinity, kind: 'nothing' };

/** Lifetimes end up to this share earlier, by lot. */
const LIFETIME_SPREAD = 0.025;

/** Checks come up to this share earlier or later, by lot. */
const CHECK_SPREAD = 0.1;

/** Says what an entry needs next. `isSurplus` tells whether there are more idle ones than must be kept. */
export function nextUpkeep<R>(
  entry: Entry<R>,
  options: ResolvedPoolOptions<R>,
  { isSurplus, slackMs }: { readonly isSurplus: boolean; readonly slackMs: number },
): Upkeep {
  if (entry.status === 'idle') return idleUpkeep(entry, options, isSurplus ? slackMs : Infinity);
  if (entry.status === 'inUse') return leaseUpkeep(entry, options);
  return NOTHING;
}

function idleUpkeep<R>(
  entry: Entry<R>,
  { idleTimeoutMs, maxLifetimeMs, check, checkIntervalMs }: ResolvedPoolOptions<R>,
  slackMs: number,
): Upkeep {
  const checkEvery = Math.round(checkIntervalMs * (1 + CHECK_SPREAD * (2 * entry.jitter - 1)));
  return earliest(
    { at: expiryOf(entry, maxLifetimeMs), kind: 'retire', reason: 'lifetime' },
    { at: entry.evictAt, kind: 'retire', reason: 'evicted' },
    { at: entry.idleSince + idleTimeoutMs + slackMs, kind: 'retire', reason: 'idle' },
    { at: check === undefined ? Infinity : entry.vouchedAt + checkEvery, kind: 'check' },
  );
}

function leaseUpkeep<R>(
  entry: Entry<R>,
  { maxLifetimeMs, leakThresholdMs = Infinity, usageDeadlineMs = Infinity }: ResolvedPoolOptions<R>,
): Upkeep {
  const isDoomed = entry.doom !== undefined;
  const isSuspected = entry.suspectedAt !== undefined;
  return earliest(
    { at: entry.since + usageDeadlineMs, kind: 'revoke' },
    { at: isSuspected ? Infinity : entry.since + leakThresholdMs, kind: 'suspect' },
    {
      at: isDoomed ? Infinity : expiryOf(entry, maxLifetimeMs),
      kind: 'retire',
      reason: 'lifetime',
    },
    { at: isDoomed ? Infinity : entry.evictAt, kind: 'retire', reason: 'evicted' },
  );
}

function earliest(...upkeeps: readonly Upkeep[]): Upkeep {
  return upkeeps.reduce((first, other) => (other.at < first.at ? other : first), NOTHING);
}

function expiryOf<R>({ createdAt, jitter }: Entry<R>, maxLifetimeMs: number): number {
  return createdAt + Math.round(maxLifetimeMs * (1 - LIFETIME_SPREAD * jitter));
}
