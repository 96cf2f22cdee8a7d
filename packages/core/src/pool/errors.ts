import { isSluiceError, SluiceError } from '../base/errors.ts';
import type { PoolStats } from '../events/snapshot.ts';

/** What an error of a pool tells of the pool at that moment. */
export interface PoolMoment {
  readonly pool: string;
  readonly stats: PoolStats;
  /** How long the caller had waited, in milliseconds. */
  readonly waitedMs: number;
}

/** Nothing came free in time. `cause` is the last error of `create`, when there was one since its last success. */
export class PoolAcquireTimeoutError extends SluiceError {
  override readonly name = 'PoolAcquireTimeoutError';
  readonly pool: string;
  readonly stats: PoolStats;
  readonly waitedMs: number;
  /** The limit that passed, in milliseconds. */
  readonly timeoutMs: number;

  constructor({ pool, stats, waitedMs }: PoolMoment, timeoutMs: number, cause?: unknown) {
    const { inUse, creating, waiting } = stats;
    super(
      'POOL_ACQUIRE_TIMEOUT',
      `Nothing came free in pool "${pool}" within ${timeoutMs} ms (${inUse} in use, ${creating} being created, ${waiting} waiting)`,
      { retryable: true, ...(cause === undefined ? {} : { cause }) },
    );
    this.pool = pool;
    this.stats = stats;
    this.waitedMs = waitedMs;
    this.timeoutMs = timeoutMs;
  }

  static override is(error: unknown): error is PoolAcquireTimeoutError {
    return isSluiceError(error, 'POOL_ACQUIRE_TIMEOUT');
  }
}

/** As many callers wait as may. */
export class PoolQueueFullError extends SluiceError {
  override readonly name = 'PoolQueueFullError';
  readonly pool: string;
  readonly stats: PoolStats;
  readonly maxWaiters: number;

  constructor({ pool, stats }: PoolMoment, maxWaiters: number) {
    super(
      'POOL_QUEUE_FULL',
      `No more callers may wait for pool "${pool}" (${stats.waiting} of ${maxWaiters} wait, ${stats.inUse} in use)`,
      { retryable: true },
    );
    this.pool = pool;
    this.stats = stats;
    this.maxWaiters = maxWaiters;
  }

  static override is(error: unknown): error is PoolQueueFullError {
    return isSluiceError(error, 'POOL_QUEUE_FULL');
  }
}

/** The pool is overloaded for longer than a burst lasts, and this caller had waited longest. */
export class PoolShedError extends SluiceError {
  override readonly name = 'PoolShedError';
  readonly pool: string;
  readonly stats: PoolStats;
  readonly waitedMs: number;

  constructor({ pool, stats, waitedMs }: PoolMoment) {
    super(
      'POOL_SHED',
      `Pool "${pool}" is overloaded and refused a caller after ${Math.round(waitedMs)} ms (${stats.waiting} waiting)`,
      { retryable: true },
    );
    this.pool = pool;
    this.stats = stats;
    this.waitedMs = waitedMs;
  }

  static override is(error: unknown): error is PoolShedError {
    return isSluiceError(error, 'POOL_SHED');
  }
}

/** The pool was closed. */
export class PoolClosedError extends SluiceError {
  override readonly name = 'PoolClosedError';
  readonly pool: string;

  constructor(pool: string) {
    super('POOL_CLOSED', `Pool "${pool}" is closed`);
    this.pool = pool;
  }

  static override is(error: unknown): error is PoolClosedError {
    return isSluiceError(error, 'POOL_CLOSED');
  }
}

/** The pool is being drained: it takes no more work. */
export class PoolDrainingError extends SluiceError {
  override readonly name = 'PoolDrainingError';
  readonly pool: string;

  constructor(pool: string) {
    super('POOL_DRAINING', `Pool "${pool}" is draining and takes no more work`);
    this.pool = pool;
  }

  static override is(error: unknown): error is PoolDrainingError {
    return isSluiceError(error, 'POOL_DRAINING');
  }
}

/** A resource could not be created. `cause` is what `create` threw, or the timeout. */
export class PoolCreateError extends SluiceError {
  override readonly name = 'PoolCreateError';
  readonly pool: string;
  /** How many creates failed in a row, this one included. */
  readonly failures: number;

  constructor(pool: string, failures: number, cause: unknown) {
    super(
      'POOL_CREATE_FAILED',
      `Pool "${pool}" could not create a resource (${failures} in a row)`,
      {
        retryable: true,
        cause,
      },
    );
    this.pool = pool;
    this.failures = failures;
  }

  static override is(error: unknown): error is PoolCreateError {
    return isSluiceError(error, 'POOL_CREATE_FAILED');
  }
}

/** A user's function took longer than its limit. */
export class PoolTimeoutError extends SluiceError {
  override readonly name = 'PoolTimeoutError';
  readonly pool: string;
  readonly step: 'create' | 'check' | 'destroy';
  readonly timeoutMs: number;

  constructor(pool: string, step: 'create' | 'check' | 'destroy', timeoutMs: number) {
    super('POOL_STEP_TIMEOUT', `${step} of pool "${pool}" did not settle within ${timeoutMs} ms`, {
      retryable: true,
    });
    this.pool = pool;
    this.step = step;
    this.timeoutMs = timeoutMs;
  }

  static override is(error: unknown): error is PoolTimeoutError {
    return isSluiceError(error, 'POOL_STEP_TIMEOUT');
  }
}

/** The lease has ended: the resource may be somebody else's by now. */
export class LeaseEndedError extends SluiceError {
  override readonly name = 'LeaseEndedError';
  readonly lease: number;

  constructor(lease: number) {
    super('LEASE_ENDED', `Lease ${lease} has ended`);
    this.lease = lease;
  }

  static override is(error: unknown): error is LeaseEndedError {
    return isSluiceError(error, 'LEASE_ENDED');
  }
}

/** Why a lease was taken away. */
export type RevokeReason = 'hand' | 'deadline' | 'closed';

/** The lease was taken away: by hand, by the usage deadline, or by a close that waits no longer. */
export class LeaseRevokedError extends SluiceError {
  override readonly name = 'LeaseRevokedError';
  readonly lease: number;
  readonly reason: RevokeReason;

  constructor(lease: number, reason: RevokeReason) {
    super('LEASE_REVOKED', `Lease ${lease} was revoked (${reason})`);
    this.lease = lease;
    this.reason = reason;
  }

  static override is(error: unknown): error is LeaseRevokedError {
    return isSluiceError(error, 'LEASE_REVOKED');
  }
}
