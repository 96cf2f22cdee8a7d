import type {
  EngineSnapshot,
  EventError,
  MessageEvent,
  SluiceEvent,
  SluiceEventDraft,
} from '@sluice/core/events';
import { describe, expect, it } from 'vitest';
import { applyEvent } from '../../../packages/core/src/events/fold.ts';
import { aChannelSnapshot, aSnapshot, stamped } from '../../support/snapshot.ts';

const error: EventError = { name: 'E', code: 'GONE', message: 'gone' };

describe('folding events into a snapshot', () => {
  it('moves to the place and time of the event', () => {
    const snapshot = fold([{ type: 'engine.stopping' }, { type: 'engine.stopped' }]);

    expect(snapshot).toEqual(aSnapshot({ seq: 2, at: 2 }));
  });

  it('leaves out what the snapshot contains already, and what belongs to another epoch', () => {
    const snapshot = aSnapshot({ seq: 5 });
    const [event] = stamped([{ type: 'engine.started', version: '1' }], 5);

    expect(applyEvent(snapshot, event as SluiceEvent)).toBe(snapshot);
    expect(applyEvent(snapshot, { ...event, seq: 6, epoch: 'e2' } as SluiceEvent)).toBe(snapshot);
  });

  it.each([
    'zone.opened',
    'pool.painted',
    'lease.gilded',
    'target.moved',
    'channel.x',
    'run.x',
    'odd',
  ])('moves on over an event of a type that it does not know: %s', (type) => {
    const event = { type, epoch: 'e1', seq: 1, at: 1 } as unknown as SluiceEvent;

    expect(applyEvent(aSnapshot(), event)).toEqual(aSnapshot({ seq: 1, at: 1 }));
  });

  it('knows since when the engine runs', () => {
    expect(fold([{ type: 'engine.started', version: '1' }]).startedAt).toBe(1);
  });

  it('lists the faults that were added and not removed', () => {
    const fault = { kind: 'cut', target: 'a/m', every: 2, until: 99, by: 'ann' } as const;

    const { faults } = fold([
      { type: 'fault.added', fault: 'f1', ...fault },
      { type: 'fault.added', fault: 'f2', ...fault },
      { type: 'fault.removed', fault: 'f1', kind: 'cut', by: 'expired' },
    ]);

    expect(faults).toEqual([{ fault: 'f2', ...fault }]);
  });
});

describe('targets in a snapshot', () => {
  const at = { target: 'a/m', pool: 'a' } as const;
  const fresh = { ...at, circuit: { state: 'closed', failures: 0, calls: 0 } } as const;
  const attempt = { ...at, runId: 'r', call: 1, attempt: 1, lease: 1 } as const;

  it('appear with their first event, whatever it is', () => {
    expect(fold([{ type: 'target.added', ...at }]).targets).toEqual([fresh]);
    expect(fold([{ type: 'target.recovered', ...at }]).targets).toEqual([fresh]);
    expect(fold([{ type: 'attempt.started', ...attempt, durationMs: 0 }]).targets).toEqual([fresh]);
  });

  it('cool until they recover', () => {
    const cooling = { type: 'target.cooling', ...at, until: 50, reason: 'rate-limit' } as const;

    expect(fold([cooling]).targets).toEqual([
      { ...fresh, cooling: { until: 50, reason: 'rate-limit' } },
    ]);
    expect(fold([cooling, { type: 'target.recovered', ...at }]).targets).toEqual([fresh]);
  });

  it('show their circuit as of its last transition', () => {
    const { targets } = fold([
      { type: 'target.circuit', ...at, state: 'open', failures: 5, calls: 6, probeAt: 10 },
      { type: 'target.circuit', ...at, state: 'closed', failures: 0, calls: 0 },
    ]);

    expect(targets).toEqual([fresh]);
  });

  it('keep the limits that an event does not tell', () => {
    const budget = { limit: 9, remaining: 8, resetAt: 7, source: 'headers' } as const;

    const { targets } = fold([
      { type: 'target.limits', ...at, requests: budget, concurrency: 4 },
      { type: 'target.limits', ...at, requests: { ...budget, remaining: 1 }, inputTokens: budget },
    ]);

    expect(targets[0]?.limits).toEqual({
      requests: { ...budget, remaining: 1 },
      inputTokens: budget,
      concurrency: 4,
    });
  });

  it('show how long first content takes: the last attempt, or what it was smoothed to', () => {
    const first = { type: 'attempt.firstContent', ...attempt, durationMs: 300 } as const;

    expect(fold([first]).targets[0]?.firstContentMs).toBe(300);
    expect(fold([{ ...first, smoothedMs: 250 }]).targets[0]?.firstContentMs).toBe(250);
  });

  it('leave with their pool', () => {
    const other = { target: 'b/m', pool: 'b' };

    const { targets } = fold([
      { type: 'target.added', ...at },
      { type: 'target.added', ...other },
      { type: 'pool.removed', pool: 'a' },
    ]);

    expect(targets).toMatchObject([other]);
  });
});

describe('channels in a snapshot', () => {
  const added = { type: 'channel.added', channel: 'c', kind: 'fake', metadata: {} } as const;
  const backoff = {
    type: 'channel.transition',
    channel: 'c',
    from: 'running',
    to: 'backoff',
    cause: 'fault',
    generation: 3,
    attempt: 2,
    by: 'supervisor',
  } as const;
  const restarting = {
    type: 'channel.restarting',
    channel: 'c',
    generation: 2,
    cause: 'fault',
    by: 'supervisor',
    redelivered: 1,
  } as const;

  it('are added idle, and removed', () => {
    expect(fold([added]).channels).toEqual([aChannelSnapshot({ since: 1 })]);
    expect(fold([added, { type: 'channel.removed', channel: 'c' }]).channels).toEqual([]);
  });

  it('stand where the last transition put them, and remember the last error', () => {
    const { channels } = fold([
      added,
      { ...backoff, nextRetryAt: 500, error, metadata: { bot: 'x' }, restartsInWindow: 1 },
      { ...backoff, from: 'backoff', to: 'connecting' },
    ]);

    expect(channels).toEqual([
      aChannelSnapshot({
        state: 'connecting',
        since: 3,
        generation: 3,
        attempt: 2,
        lastError: error,
        metadata: { bot: 'x' },
        restartsInWindow: 1,
      }),
    ]);
  });

  it('show when the next try is, while it is awaited', () => {
    expect(fold([added, { ...backoff, nextRetryAt: 500 }]).channels[0]?.nextRetryAt).toBe(500);
  });

  it('list their last 32 restarts, swaps, and that they gave up', () => {
    const many = Array.from({ length: 40 }, () => restarting);
    const gaveUp = { ...restarting, type: 'channel.gaveUp', restartsInWindow: 5, error } as const;
    const swapped = { ...restarting, type: 'channel.swapped', kind: 'other', by: 'hand' } as const;

    const [channel] = fold([added, ...many, swapped, gaveUp]).channels;

    expect(channel?.restarts).toHaveLength(32);
    expect(channel?.restarts.slice(-2)).toEqual([
      { at: 42, generation: 2, cause: 'fault', by: 'hand', redelivered: 1, gaveUp: false },
      { at: 43, generation: 2, cause: 'fault', by: 'supervisor', redelivered: 1, gaveUp: true },
    ]);
    expect(channel).toMatchObject({ kind: 'other', restartsInWindow: 5, lastError: error });
  });

  it('count messages by what happened to them', () => {
    const { channels } = fold([
      added,
      message('message.received', 1),
      message('message.queued', 1),
      message('message.received', 2),
      message('message.queued', 2),
      message('message.started', 1),
      message('message.duplicate', 1),
    ]);

    expect(channels[0]).toMatchObject({ received: 2, replied: 0, queued: 1, running: 1 });
  });

  it('count messages as the event says, when it says', () => {
    const { channels } = fold([
      added,
      { ...message('message.received', 1), queued: 7, running: 3 },
      { ...message('message.deadLettered', 1), queued: 6 },
    ]);

    expect(channels[0]).toMatchObject({ received: 1, queued: 6, running: 3 });
  });

  it('never count below zero', () => {
    const { channels } = fold([
      added,
      message('message.started', 1),
      message('message.replied', 1),
      message('message.ignored', 1),
    ]);

    expect(channels[0]).toMatchObject({ replied: 1, queued: 0, running: 0 });
  });
});

describe('runs in a snapshot', () => {
  const turn = { runId: 'r1', agent: 'helper', turn: 1 } as const;
  const received = message('message.received', 1);
  const live = { runId: 'r1', channel: 'c', namespace: 'n', startedAt: 1 } as const;

  it.each<[string, readonly SluiceEventDraft[], object]>([
    ['queued', [], {}],
    ['waiting', [message('message.started', 1)], {}],
    ['waiting', [{ type: 'run.started', runId: 'r1', agent: 'helper' }], { agent: 'helper' }],
    ['streaming', [{ type: 'run.firstContent', ...turn }], {}],
    ['tool', [{ type: 'run.toolStarted', ...turn, tool: 'open' }], {}],
    [
      'waiting',
      [
        { type: 'run.toolStarted', ...turn, tool: 'open' },
        { type: 'run.turn', ...turn },
      ],
      {},
    ],
    ['replying', [{ type: 'run.failed', ...turn, durationMs: 1, error }], {}],
  ])('are %s after %j', (phase, events, more) => {
    expect(fold([received, ...events]).runs).toEqual([{ ...live, phase, ...more }]);
  });

  it.each([
    'message.replied',
    'message.ignored',
    'message.failed',
    'message.deadLettered',
  ] as const)('end with %s', (type) => {
    expect(fold([received, message(type, 1)]).runs).toEqual([]);
  });

  it('without a channel begin and end with the agent', () => {
    const started = { type: 'run.started', runId: 'r1', agent: 'helper' } as const;
    const usage = { inputTokens: 1, outputTokens: 1 };

    expect(fold([started]).runs).toEqual([
      { runId: 'r1', agent: 'helper', phase: 'waiting', startedAt: 1 },
    ]);
    expect(fold([started, { type: 'run.finished', ...turn, durationMs: 1, usage }]).runs).toEqual(
      [],
    );
  });

  it('are counted, as calls are', () => {
    const call = { call: 1, runId: 'r1', model: 'm', attempts: 1 } as const;

    const { counters } = fold([
      received,
      { type: 'call.started', ...call },
      { type: 'call.failed', ...call, durationMs: 1, error },
      message('message.replied', 1),
      message('message.deadLettered', 2),
    ]);

    expect(counters).toEqual({
      'calls.started': 1,
      'calls.failed': 1,
      'messages.received': 1,
      'messages.replied': 1,
      'messages.deadLettered': 1,
    });
  });
});

describe('routes in a snapshot', () => {
  const routes = [
    { channel: 'c', agent: 'helper', rule: '1 static', matched: 4 },
    { agent: 'helper', rule: '2 static', matched: 0 },
  ] as const;
  const decided = {
    type: 'route.decided',
    runId: 'r1',
    agent: 'helper',
    matchedBy: '1 static',
  } as const;

  it('count the messages that they took', () => {
    const { routes: counted, runs } = fold(
      [message('message.received', 1), decided],
      aSnapshot({ routes }),
    );

    expect(counted.map(({ matched }) => matched)).toEqual([5, 0]);
    expect(runs[0]?.agent).toBe('helper');
  });

  it('stay as they are when no rule took the message', () => {
    const { routes: counted } = fold([{ ...decided, agent: null }], aSnapshot({ routes }));

    expect(counted).toEqual(routes);
  });

  it('are replaced as a whole', () => {
    expect(fold([{ type: 'route.replaced', routes }]).routes).toEqual(routes);
  });
});

function message(type: MessageEvent['type'], n: number): MessageEvent {
  const fields = { channel: 'c', message: `m${n}`, namespace: 'n', runId: `r${n}` };
  if (type === 'message.failed') return { type, ...fields, error };
  if (type === 'message.deadLettered') return { type, ...fields, reason: 'overflow' };
  return { type, ...fields };
}

/** Folds drafts into a frozen snapshot: a fold that changed what it is given would throw. */
function fold(
  drafts: readonly SluiceEventDraft[],
  from: EngineSnapshot = aSnapshot(),
): EngineSnapshot {
  return stamped(drafts).reduce<EngineSnapshot>(
    (snapshot, event) => frozen(applyEvent(snapshot, frozen(event))),
    frozen(from),
  );
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const field of Object.values(value)) frozen(field);
  return Object.freeze(value);
}
