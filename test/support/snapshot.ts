import type {
  ChannelSnapshot,
  EngineSnapshot,
  PoolSnapshot,
  PoolStats,
  SluiceEvent,
  SluiceEventDraft,
} from '@sluice/core/events';

/** An engine in which nothing has happened. */
export function aSnapshot(parts: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return {
    epoch: 'e1',
    seq: 0,
    at: 0,
    codec: '1.0',
    name: 'engine',
    environment: 'test',
    startedAt: 0,
    pools: [],
    targets: [],
    channels: [],
    runs: [],
    routes: [],
    faults: [],
    counters: {
      'calls.started': 0,
      'calls.failed': 0,
      'messages.received': 0,
      'messages.replied': 0,
      'messages.deadLettered': 0,
    },
    capabilities: [],
    ...parts,
  };
}

/** A pool of 10 in which nothing has happened. */
export function aPoolSnapshot(parts: Partial<PoolSnapshot> = {}): PoolSnapshot {
  const options = {
    maxSize: 10,
    minIdle: 0,
    maxWaiters: 1_000,
    acquireTimeoutMs: 30_000,
    idleTimeoutMs: 300_000,
    maxLifetimeMs: 1_800_000,
  };
  return {
    name: 'p',
    status: 'open',
    stats: noStats,
    options,
    slots: [],
    waiters: [],
    ...parts,
  };
}

/** The counts of a pool of 10 in which nothing has happened. */
export const noStats: PoolStats = {
  size: 0,
  idle: 0,
  inUse: 0,
  creating: 0,
  checking: 0,
  destroying: 0,
  waiting: 0,
  maxSize: 10,
  totalCreated: 0,
  totalDestroyed: 0,
  totalAcquired: 0,
  totalReleased: 0,
  totalTimedOut: 0,
  totalAborted: 0,
  totalRefused: 0,
  totalDetached: 0,
  totalLeaked: 0,
};

/** A channel that was added and nothing more. */
export function aChannelSnapshot(parts: Partial<ChannelSnapshot> = {}): ChannelSnapshot {
  return {
    channel: 'c',
    kind: 'fake',
    state: 'idle',
    since: 0,
    generation: 0,
    attempt: 0,
    restartsInWindow: 0,
    restarts: [],
    metadata: {},
    received: 0,
    replied: 0,
    queued: 0,
    running: 0,
    ...parts,
  };
}

/** Stamps events as a bus would: numbered from 1, one millisecond apart, in the epoch of `aSnapshot`. */
export function stamped(drafts: readonly SluiceEventDraft[], from = 1): readonly SluiceEvent[] {
  return drafts.map((draft, i) => ({ ...draft, epoch: 'e1', seq: from + i, at: from + i }));
}
