import type { ChannelStatus, MovedBy } from './channel-event.ts';
import type { EventError, FaultFields } from './event.ts';
import type { Budget, CircuitStatus } from './pool-event.ts';

/**
 * A whole engine as plain JSON, taken in one synchronous step. Every `since`, `at` and `until` is in epoch milliseconds.
 * Folding the events with a greater `seq` into it (`applyEvent`) gives the next snapshot.
 */
export interface EngineSnapshot {
  readonly epoch: string;
  /** The last `seq` given out before it was taken. */
  readonly seq: number;
  readonly at: number;
  /** The version of this language, `major.minor`. */
  readonly codec: string;
  readonly name: string;
  readonly environment: string;
  readonly startedAt: number;
  readonly pools: readonly PoolSnapshot[];
  readonly targets: readonly TargetSnapshot[];
  readonly channels: readonly ChannelSnapshot[];
  /** Live runs only. */
  readonly runs: readonly RunSnapshot[];
  readonly routes: readonly RouteSnapshot[];
  readonly faults: readonly FaultSnapshot[];
  readonly process?:
    | { readonly pid?: number; readonly runtime: string; readonly version: string }
    | undefined;
  readonly counters: Readonly<Record<CounterName, number>>;
  readonly capabilities: readonly Capability[];
}

/** What an engine counts from its start. */
export type CounterName =
  | 'calls.started'
  | 'calls.failed'
  | 'messages.received'
  | 'messages.replied'
  | 'messages.deadLettered';

/** What the reader of a snapshot may do or see. */
export type Capability = 'act' | 'content' | 'identity';

/** One pool, its clients and its line. */
export interface PoolSnapshot {
  readonly name: string;
  readonly group?: string | undefined;
  readonly provider?: string | undefined;
  readonly status: 'open' | 'suspended' | 'draining' | 'closed';
  readonly stats: PoolStats;
  readonly options: PublicPoolOptions;
  readonly slots: readonly SlotSnapshot[];
  /** In the order of service, the first 1,000. */
  readonly waiters: readonly WaiterSnapshot[];
  /** How many waiters are not listed. While some are not, folding is exact for counts only. */
  readonly waitersCut?: number | undefined;
}

/**
 * The counts of a pool, true at every instant:
 * `size = idle + inUse + creating + checking + destroying ≤ maxSize`,
 * `totalCreated = totalDestroyed + totalDetached + size − creating`,
 * `totalAcquired = totalReleased + totalDetached + inUse`.
 */
export interface PoolStats {
  readonly size: number;
  readonly idle: number;
  readonly inUse: number;
  readonly creating: number;
  readonly checking: number;
  readonly destroying: number;
  readonly waiting: number;
  readonly maxSize: number;
  readonly totalCreated: number;
  readonly totalDestroyed: number;
  readonly totalAcquired: number;
  /** Leases that ended by release, destroy or revoke. */
  readonly totalReleased: number;
  readonly totalTimedOut: number;
  readonly totalAborted: number;
  /** Acquires refused for any other reason than a timeout or an abort. */
  readonly totalRefused: number;
  readonly totalDetached: number;
  /** Leases that were lost to the garbage collector: proven leaks, not suspected ones. */
  readonly totalLeaked: number;
}

/** The options of a pool that may be shown. Durations in milliseconds. */
export interface PublicPoolOptions {
  readonly maxSize: number;
  readonly minIdle: number;
  readonly maxWaiters: number;
  readonly acquireTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
}

/** One place for a client. Its number is small and stable: what a dashboard draws as a lane. */
export interface SlotSnapshot {
  readonly slot: number;
  readonly status: 'creating' | 'idle' | 'inUse' | 'checking' | 'destroying';
  readonly since: number;
  readonly reason?: string | undefined;
  /** How often it was acquired, the present time included. */
  readonly uses: number;
  readonly lease?: LeaseInfo | undefined;
}

/** Who holds what, in which slot, since when. */
export interface LeaseInfo {
  readonly id: number;
  readonly slot: number;
  /** Epoch milliseconds. */
  readonly since: number;
  /** What the caller said that it is for; a client pool puts the run id here. */
  readonly label?: string | undefined;
  readonly tenant?: string | undefined;
  /** When a leak was suspected, in epoch milliseconds. */
  readonly suspectedAt?: number | undefined;
  /** Where it was acquired, when leak detection is on. */
  readonly stack?: string | undefined;
}

/** One caller in line. */
export interface WaiterSnapshot {
  readonly waiter: number;
  readonly since: number;
  readonly timeoutMs?: number | undefined;
  readonly label?: string | undefined;
  readonly tenant?: string | undefined;
  readonly priority: number;
}

/** One provider × model. The circuit is shown as of its last transition. */
export interface TargetSnapshot {
  readonly target: string;
  readonly pool: string;
  readonly circuit: {
    readonly state: CircuitStatus;
    readonly failures: number;
    readonly calls: number;
    readonly probeAt?: number | undefined;
  };
  readonly cooling?: { readonly until: number; readonly reason: string } | undefined;
  readonly limits?:
    | {
        readonly requests?: Budget | undefined;
        readonly inputTokens?: Budget | undefined;
        readonly outputTokens?: Budget | undefined;
        readonly concurrency?: number | undefined;
      }
    | undefined;
  /** How long the first content takes, as of the last attempt: that one's, or smoothed. */
  readonly firstContentMs?: number | undefined;
}

/** One supervised channel. */
export interface ChannelSnapshot {
  readonly channel: string;
  readonly kind: string;
  readonly state: ChannelStatus;
  readonly since: number;
  readonly generation: number;
  readonly attempt: number;
  readonly nextRetryAt?: number | undefined;
  readonly lastError?: EventError | undefined;
  /** As of the last event that told: the window slides without one. */
  readonly restartsInWindow: number;
  /** The last 32 restarts, the oldest first. */
  readonly restarts: readonly RestartMark[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly received: number;
  readonly replied: number;
  readonly queued: number;
  readonly running: number;
}

/** One restart of a channel. */
export interface RestartMark {
  readonly at: number;
  /** The generation that ended; its successor is one higher. */
  readonly generation: number;
  readonly cause: string;
  readonly by: MovedBy;
  readonly redelivered: number;
  readonly gaveUp: boolean;
}

/** One message on its way, from its reception to its end. */
export interface RunSnapshot {
  readonly runId: string;
  readonly channel?: string | undefined;
  readonly agent?: string | undefined;
  /** A salted hash, unless the host captures identity. */
  readonly namespace?: string | undefined;
  readonly phase: 'queued' | 'waiting' | 'streaming' | 'tool' | 'replying';
  readonly startedAt: number;
}

/** One routing rule, and how many messages it took. */
export interface RouteSnapshot {
  readonly channel?: string | undefined;
  readonly agent: string;
  /** The rule in words, unique in its table: what `matchedBy` says. */
  readonly rule: string;
  readonly matched: number;
}

/** One fault that a person added. */
export type FaultSnapshot = FaultFields;
