// Pools of anything: lend what is dear to make or scarce, fairly, and always get it back.

export {
  type CloseOptions,
  type DrainOptions,
  type EvictOptions,
  Pool,
  type PoolEvent,
} from './pool.ts';
export type { BorrowedContext } from './borrowing.ts';
export type { DrainResult } from './closing.ts';
export {
  LeaseEndedError,
  LeaseRevokedError,
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolCreateError,
  PoolDrainingError,
  type PoolMoment,
  PoolQueueFullError,
  PoolShedError,
  PoolTimeoutError,
  type RevokeReason,
} from './errors.ts';
export type { TenantOptions } from './fair-order.ts';
export { Lease } from './lease.ts';
export {
  type AcquireOptions,
  POOL_DEFAULTS,
  type PoolBackoffOptions,
  type PoolOptions,
  type PoolTuning,
} from './options.ts';
export type { SheddingOptions } from './shedding.ts';
export type { LeaseInfo, PoolSnapshot, PoolStats } from '../events/snapshot.ts';
