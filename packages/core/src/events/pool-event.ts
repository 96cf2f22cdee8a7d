import type { EventError } from './event.ts';
import type { PublicPoolOptions } from './snapshot.ts';

/** Why a client left its pool. */
export type DestroyReason =
  | 'idle'
  | 'lifetime'
  | 'uses'
  | 'unhealthy'
  | 'broken'
  | 'revoked'
  | 'evicted'
  | 'resized'
  | 'closed'
  | 'lost';

/** Why an acquire ended without a lease. */
export type RefusalReason =
  | 'timeout'
  | 'aborted'
  | 'queueFull'
  | 'shed'
  | 'draining'
  | 'closed'
  | 'createFailed'
  | 'circuitOpen'
  | 'cooling';

/** What happens in a pool: to itself, to its clients, to its leases and waiters. Ids are unique within the pool. */
export type PoolEventDraft = PoolLifeEvent | ClientEvent | LeaseEvent | TargetEvent;

/** The life of a pool. */
export type PoolLifeEvent =
  | {
      readonly type:
        | 'pool.opened'
        | 'pool.resized'
        | 'pool.suspended'
        | 'pool.resumed'
        | 'pool.draining';
      readonly pool: string;
      readonly maxSize: number;
      readonly minIdle: number;
      /** The options that may be shown, all of them: given by `opened`, and by `resized` when others changed too. */
      readonly options?: PublicPoolOptions | undefined;
      /** Given by `opened`. */
      readonly group?: string | undefined;
      /** Given by `opened`. */
      readonly provider?: string | undefined;
    }
  | {
      /** The pool is no longer part of its engine: it leaves the snapshot, and its targets with it. */
      readonly type: 'pool.removed';
      readonly pool: string;
    }
  | {
      readonly type: 'pool.closed';
      readonly pool: string;
      readonly maxSize: number;
      readonly minIdle: number;
      /** How many clients were destroyed by the close. */
      readonly destroyed: number;
      /** How many leases were still out at the deadline. */
      readonly abandoned: number;
    };

/** The life of a pooled client, named by its slot. */
export type ClientEvent =
  | {
      readonly type: 'client.creating' | 'client.created' | 'client.checking' | 'client.destroyed';
      readonly pool: string;
      readonly slot: number;
      readonly durationMs?: number | undefined;
      /** Of a destroy that threw or did not end in time. The client is gone all the same. */
      readonly error?: EventError | undefined;
    }
  | {
      readonly type: 'client.createFailed';
      readonly pool: string;
      readonly slot: number;
      readonly durationMs?: number | undefined;
      readonly error: EventError;
    }
  | {
      readonly type: 'client.checked';
      readonly pool: string;
      readonly slot: number;
      readonly durationMs?: number | undefined;
      readonly healthy: boolean;
    }
  | {
      readonly type: 'client.destroying';
      readonly pool: string;
      readonly slot: number;
      readonly reason: DestroyReason;
    };

/** The life of a lease, from waiting to its end. Durations are monotonic milliseconds. */
export type LeaseEvent =
  | {
      readonly type: 'lease.waiting';
      readonly pool: string;
      readonly waiter: number;
      /** The place in line, from 1. */
      readonly position: number;
      /** How many wait now, this one included. */
      readonly waiting: number;
      readonly timeoutMs?: number | undefined;
      readonly label?: string | undefined;
      readonly tenant?: string | undefined;
      readonly priority: number;
    }
  | {
      readonly type: 'lease.acquired';
      readonly pool: string;
      readonly lease: number;
      readonly slot: number;
      /** The waiter it was, when it had to wait. */
      readonly waiter?: number | undefined;
      readonly waitMs: number;
      readonly label?: string | undefined;
      readonly tenant?: string | undefined;
      /** Where it was acquired, when the pool's snapshot shows that at once; else it comes with the suspicion. */
      readonly stack?: string | undefined;
    }
  | {
      readonly type: 'lease.refused';
      readonly pool: string;
      readonly waiter?: number | undefined;
      readonly reason: RefusalReason;
      readonly waitMs: number;
      readonly error?: EventError | undefined;
    }
  | {
      readonly type: 'lease.released' | 'lease.destroyed' | 'lease.detached' | 'lease.revoked';
      readonly pool: string;
      readonly lease: number;
      readonly slot: number;
      readonly heldMs: number;
      readonly reason?: string | undefined;
    }
  | {
      readonly type: 'lease.leakSuspected' | 'lease.leakCleared' | 'lease.lost';
      readonly pool: string;
      readonly lease: number;
      readonly slot: number;
      readonly heldMs: number;
      readonly stack?: string | undefined;
    };

/** A budget of requests or tokens, as declared or as learnt from a provider's headers. */
export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  /** When it is full again, in epoch milliseconds. */
  readonly resetAt: number;
  readonly source: 'declared' | 'headers';
}

/** What a circuit lets through: everything, nothing, or one trial. */
export type CircuitStatus = 'closed' | 'open' | 'half-open';

/** What happens to a target (a provider and a model): whether it is asked at all. Times are epoch milliseconds. */
export type TargetEvent =
  | { readonly type: 'target.added'; readonly target: string; readonly pool: string }
  | {
      readonly type: 'target.cooling';
      readonly target: string;
      readonly pool: string;
      readonly until: number;
      readonly reason: string;
    }
  | { readonly type: 'target.recovered'; readonly target: string; readonly pool: string }
  | {
      readonly type: 'target.circuit';
      readonly target: string;
      readonly pool: string;
      readonly state: CircuitStatus;
      readonly failures: number;
      readonly calls: number;
      readonly probeAt?: number | undefined;
    }
  | {
      readonly type: 'target.limits';
      readonly target: string;
      readonly pool: string;
      readonly requests?: Budget | undefined;
      readonly inputTokens?: Budget | undefined;
      readonly outputTokens?: Budget | undefined;
      /** How many calls may run at once, when that is limited. */
      readonly concurrency?: number | undefined;
    }
  | {
      readonly type: 'target.probed';
      readonly target: string;
      readonly pool: string;
      readonly healthy: boolean;
      readonly durationMs: number;
    };
