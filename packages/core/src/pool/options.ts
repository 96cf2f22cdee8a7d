import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { EventError } from '../events/event.ts';
import type { TenantOptions } from './fair-order.ts';
import type { OutsideLine, PoolPort } from './outside-line.ts';
import type { SheddingOptions } from './shedding.ts';

/** How long a pool waits before it creates again after a failure: from `baseMs`, times `factor` a failure, to `capMs`. */
export interface PoolBackoffOptions {
  /** @defaultValue 100 */
  readonly baseMs?: number | undefined;
  /** @defaultValue 2 */
  readonly factor?: number | undefined;
  /** @defaultValue 10_000 */
  readonly capMs?: number | undefined;
  /** `full` draws each delay from 0 to its length, so that many pools do not knock together. @defaultValue `'full'` */
  readonly jitter?: 'full' | 'none' | undefined;
}

/** What may be changed while the pool runs, by `updateOptions`. Durations are in milliseconds, greater than 0. */
export interface PoolTuning<R> {
  /** How many resources there may be at once, at least 1. @defaultValue 10 */
  readonly maxSize?: number | undefined;
  /** How many idle resources are kept ready, at most `maxSize`. @defaultValue 0 */
  readonly minIdle?: number | undefined;
  /** How many callers may wait beyond those that existing room will serve; 0 for none. @defaultValue 1_000 */
  readonly maxWaiters?: number | undefined;
  /** How long a caller waits, for a place, a create and a check together. @defaultValue 30_000 */
  readonly acquireTimeoutMs?: number | undefined;
  /** How long one create may take. @defaultValue 30_000 */
  readonly createTimeoutMs?: number | undefined;
  /** How long a resource beyond `minIdle` stays unused. @defaultValue 300_000 */
  readonly idleTimeoutMs?: number | undefined;
  /** How long a resource lives, used or not, less up to 2.5 % by lot. @defaultValue 1_800_000 */
  readonly maxLifetimeMs?: number | undefined;
  /** How often a resource is lent before it is replaced. Default: without limit. */
  readonly maxUses?: number | undefined;
  /** Says whether a resource still works: `false` or a throw means that it does not. Default: it always does. */
  readonly check?:
    | ((
        resource: R,
        context: { readonly signal: AbortSignal },
      ) => boolean | void | Promise<boolean | void>)
    | undefined;
  /** How often an idle resource is checked, give or take 10 % by lot. @defaultValue 60_000 */
  readonly checkIntervalMs?: number | undefined;
  /** How long one check may take. @defaultValue 5_000 */
  readonly checkTimeoutMs?: number | undefined;
  /** For how long after its last use a resource is lent without a check; 0 for never. @defaultValue 500 */
  readonly checkBypassMs?: number | undefined;
  /** How many creates may be under way at once, at least 1. @defaultValue 4 */
  readonly createParallelism?: number | undefined;
  /**
   * What a failed create means for who waits: `retry` tries again after a delay until the caller's time is up, `fail`
   * refuses the caller who waits longest with the error. @defaultValue `'retry'`
   */
  readonly createFailure?: 'fail' | 'retry' | undefined;
  /** The delays between creates while they fail. */
  readonly backoff?: PoolBackoffOptions | undefined;
  /** Which idle resource is lent: the one used last (`lifo`, lets the surplus age), or first. @defaultValue `'lifo'` */
  readonly order?: 'lifo' | 'fifo' | undefined;
  /** After how long a lease is reported as a possible leak. Records where each was acquired. Default: off. */
  readonly leakThresholdMs?: number | undefined;
  /** After how long a lease is revoked and its resource destroyed. Default: off. */
  readonly usageDeadlineMs?: number | undefined;
  /** Refuses who waits longest while the pool is overloaded for longer than a burst lasts. Default: off. */
  readonly shed?: SheddingOptions | undefined;
  /** How often `stats$` looks, at most. @defaultValue 250 */
  readonly statsIntervalMs?: number | undefined;
}

/** What a caller may say of one acquire. */
export interface AcquireOptions {
  /** Ends the wait when it is aborted: the acquire rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds, at least 0. Default: the pool's `acquireTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** An integer; higher goes first. Each second of waiting lifts a caller by one. @defaultValue 0 */
  readonly priority?: number | undefined;
  /** Whose share it is taken from. Default: that of all who name none. */
  readonly tenant?: string | undefined;
  /** What the lease is for, for events and reports. */
  readonly label?: string | undefined;
}

/** How a pool makes, keeps and lends its resources. */
export interface PoolOptions<R> extends PoolTuning<R> {
  /** What events and errors call it. @defaultValue `'pool'` */
  readonly name?: string | undefined;
  /** Makes a resource. The signal is aborted when it takes longer than `createTimeoutMs`, or when the pool closes. */
  readonly create: (context: { readonly signal: AbortSignal }) => R | Promise<R>;
  /** Ends a resource. Called once for each; at most 5 s are waited for it. Default: nothing to do. */
  readonly destroy?: ((resource: R) => void | Promise<void>) | undefined;
  /** Says whether an error that `use` or `stream` met broke the resource. Default: none does. */
  readonly isBroken?: ((error: unknown) => boolean) | undefined;
  /** Whether the place of a lease that was lost to the garbage collector is taken back. @defaultValue false */
  readonly reclaimLost?: boolean | undefined;
  /** Shares of tenants by name; a tenant that is not named weighs 1. */
  readonly tenants?: Readonly<Record<string, TenantOptions>> | undefined;
  /** Default: the runtime's own. */
  readonly clock?: Clock | undefined;
  /** Default: the runtime's own. */
  readonly random?: Random | undefined;
  /**
   * Says how a failure of `create` or `destroy`, or the refusal of a caller, is shown in events. Default: its code, and the
   * text of the pool's own errors alone, since any other may hold a secret. `toEventError` of `@sluice/core/events` shows the
   * text with secrets taken out.
   */
  readonly describeError?: ((error: unknown) => EventError) | undefined;
  /** Joins the pool to a line that the owner of several pools keeps for all of them. Called once. Default: none. */
  readonly outside?: ((port: PoolPort<R>) => OutsideLine) | undefined;
}

/** The delays between failing creates, with their defaults filled in. */
export interface ResolvedBackoff {
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
  readonly jitter: 'full' | 'none';
}

/** The options with their defaults filled in. */
export interface ResolvedPoolOptions<R> {
  readonly name: string;
  readonly create: (context: { readonly signal: AbortSignal }) => R | Promise<R>;
  readonly destroy: ((resource: R) => void | Promise<void>) | undefined;
  readonly isBroken: (error: unknown) => boolean;
  readonly maxSize: number;
  readonly minIdle: number;
  readonly maxWaiters: number;
  readonly acquireTimeoutMs: number;
  readonly createTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly maxUses: number | undefined;
  readonly check: PoolTuning<R>['check'];
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly checkBypassMs: number;
  readonly createParallelism: number;
  readonly createFailure: 'fail' | 'retry';
  readonly backoff: ResolvedBackoff;
  readonly order: 'lifo' | 'fifo';
  readonly leakThresholdMs: number | undefined;
  readonly reclaimLost: boolean;
  readonly usageDeadlineMs: number | undefined;
  readonly shed: SheddingOptions | undefined;
  readonly tenants: Readonly<Record<string, TenantOptions>>;
  readonly statsIntervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly describeError: (error: unknown) => EventError;
  readonly outside: ((port: PoolPort<R>) => OutsideLine) | undefined;
}

/** The options in force: `updateOptions` replaces `current`, and every part of the pool reads it when it needs it. */
export interface LiveOptions<R> {
  current: ResolvedPoolOptions<R>;
}

/** The defaults of every option that has one. Durations in milliseconds. */
export const POOL_DEFAULTS = {
  name: 'pool',
  maxSize: 10,
  minIdle: 0,
  maxWaiters: 1_000,
  acquireTimeoutMs: 30_000,
  createTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
  maxLifetimeMs: 1_800_000,
  checkIntervalMs: 60_000,
  checkTimeoutMs: 5_000,
  checkBypassMs: 500,
  createParallelism: 4,
  createFailure: 'retry',
  backoff: { baseMs: 100, factor: 2, capMs: 10_000, jitter: 'full' },
  order: 'lifo',
  reclaimLost: false,
  statsIntervalMs: 250,
} as const;
