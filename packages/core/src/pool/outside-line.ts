import type { PoolSnapshot, PoolStats, PublicPoolOptions } from '../events/snapshot.ts';
import type { PoolCreateError } from './errors.ts';
import type { Borrower } from './entry.ts';
import type { Lease } from './lease.ts';
import type { Refusal } from './refusals.ts';

/**
 * A line of callers that the owner of several pools keeps for all of them. Some of its callers stand at this pool: the
 * pool creates for them and counts and shows them as waiting, but it is the line that serves them.
 */
export interface OutsideLine {
  /** How many stand at this pool. */
  readonly waiting: number;
  /** Who stands at this pool, in the order of service. */
  waiters(): Iterable<InLine>;
  /** A resource is idle, or there is room for one, after the pool's state is settled. */
  onAvailable(): void;
  /** A create failed; the next one comes after a delay. */
  onCreateFailed(error: PoolCreateError, policy: 'fail' | 'retry'): void;
}

/** What there is to show of a waiter, whatever it waits for. */
export interface InLine {
  readonly id: number;
  readonly since: number;
  readonly timeoutMs: number | undefined;
  readonly label: string | undefined;
  readonly tenant: string | undefined;
  readonly line: { readonly priority: number } | undefined;
}

/** What a pool offers to the line outside. */
export interface PoolPort<R> {
  readonly status: PoolSnapshot['status'];
  readonly stats: PoolStats;
  readonly limits: PublicPoolOptions;
  /** The error of the last create, if it failed. */
  readonly lastCreateError: unknown;
  /** Whether `lend` would lend now. Starts a check of what is idle but due for one. */
  readonly canLend: boolean;
  /** Lends an idle resource, or nothing. */
  lend(borrower: Borrower): Lease<R> | undefined;
  /** Creates what is missing for those who stand here. */
  serve(): void;
  /** Counts and tells that a caller ended without a lease. */
  refuse(refusal: Refusal): void;
}
