import type { Clock } from '../base/clock.ts';
import type {
  PoolStats,
  PublicPoolOptions,
  SlotSnapshot,
  LeaseInfo,
  WaiterSnapshot,
} from '../events/snapshot.ts';
import { withoutUndefined } from '../base/json.ts';
import type { Entry } from './entry.ts';
import type { InventoryCounts } from './inventory.ts';
import type { ResolvedPoolOptions } from './options.ts';
import type { InLine } from './outside-line.ts';

/** What a pool counts of those who wait. */
export interface WaitCounts {
  readonly waiting: number;
  readonly totalTimedOut: number;
  readonly totalAborted: number;
  readonly totalRefused: number;
}

/** Turns monotonic into epoch milliseconds. */
export type ToEpoch = (ms: number) => number;

/** Makes the function for this moment: it goes by the wall clock of now, whatever that did since. */
export function epochClock(clock: Clock): ToEpoch {
  const offsetMs = clock.timestamp() - clock.now();
  return (ms) => Math.round(ms + offsetMs);
}

/** Puts a pool's counts together. */
export function poolStats(counts: InventoryCounts, waits: WaitCounts, maxSize: number): PoolStats {
  return { ...counts, ...waits, maxSize };
}

/** Tells whether two counts of a pool are the same. */
export function sameStats(a: PoolStats, b: PoolStats): boolean {
  return (Object.keys(a) as (keyof PoolStats)[]).every((key) => a[key] === b[key]);
}

/** The options of a pool that may be shown. */
export function publicOptions<R>(options: ResolvedPoolOptions<R>): PublicPoolOptions {
  const { maxSize, minIdle, maxWaiters, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs } = options;
  return { maxSize, minIdle, maxWaiters, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs };
}

/** An entry as a snapshot shows it. */
export function slotSnapshot<R>(entry: Entry<R>, toEpoch: ToEpoch): SlotSnapshot {
  const { slot, status, reason, uses } = entry;
  const lease = entry.leaseId === 0 ? undefined : leaseInfo(entry, toEpoch);
  return withoutUndefined({ slot, status, since: toEpoch(entry.since), reason, uses, lease });
}

/** The leases that have not ended, by slot. */
export function leaseInfos<R>(
  entries: readonly Entry<R>[],
  toEpoch: ToEpoch,
): readonly LeaseInfo[] {
  return entries.filter(({ leaseId }) => leaseId !== 0).map((entry) => leaseInfo(entry, toEpoch));
}

function leaseInfo<R>(entry: Entry<R>, toEpoch: ToEpoch): LeaseInfo {
  const { leaseId: id, slot, suspectedAt, borrower = {} } = entry;
  const { label, tenant, stack } = borrower;
  return withoutUndefined({
    id,
    slot,
    since: toEpoch(entry.since),
    label,
    tenant,
    suspectedAt,
    stack,
  });
}

/** How many waiters a snapshot lists. */
const MAX_LISTED_WAITERS = 1_000;

/** The line as a snapshot shows it. */
export function waiterSnapshots(
  waiters: Iterable<InLine>,
  toEpoch: ToEpoch,
): readonly WaiterSnapshot[] {
  const listed: WaiterSnapshot[] = [];
  for (const { id: waiter, since, timeoutMs, label, tenant, line } of waiters) {
    if (listed.length === MAX_LISTED_WAITERS) break;
    const priority = line?.priority ?? 0;
    listed.push(
      withoutUndefined({ waiter, since: toEpoch(since), timeoutMs, label, tenant, priority }),
    );
  }
  return listed;
}
