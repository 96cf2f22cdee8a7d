import type { EngineSnapshot, SluiceEvent, SluiceEventDraft } from '@sluice/core/events';

/** The moment at which a life begins: a whole second of epoch milliseconds. */
export const LIFE_STARTS_AT: number = Date.UTC(2026, 0, 1);

/** A snapshot of an engine in which nothing is there yet. */
export function anEmptyEngine(overrides: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return {
    epoch: 'e1',
    seq: 0,
    at: LIFE_STARTS_AT,
    codec: '1.0',
    name: 'an engine',
    environment: 'test',
    startedAt: LIFE_STARTS_AT,
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
    ...overrides,
  };
}

/** Stamps drafts as events in order, `everyMs` apart, the first at the beginning of the life. */
export function aLife(drafts: readonly SluiceEventDraft[], everyMs = 100): readonly SluiceEvent[] {
  return drafts.map((draft, index) => ({
    ...draft,
    epoch: 'e1',
    seq: index + 1,
    at: LIFE_STARTS_AT + index * everyMs,
  }));
}

/** The opening of a pool. */
export function anOpening(pool: string, maxSize = 4): SluiceEventDraft {
  const options = {
    maxSize,
    minIdle: 0,
    maxWaiters: 100,
    acquireTimeoutMs: 30_000,
    idleTimeoutMs: 300_000,
    maxLifetimeMs: 1_800_000,
  };
  return { type: 'pool.opened', pool, maxSize, minIdle: 0, options };
}
