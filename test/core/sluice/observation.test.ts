import { describe, expect, it, vi } from 'vitest';
import { applyEvent } from '@sluice/core/events';
import { EventBus, type EventDraft } from '../../../packages/core/src/base/event-bus.ts';
import { anEngine, eventsOf, settled, stopped } from './an-engine.ts';

const CANARY = 'canary-7f3a9c-do-not-show';
const KEY = 'sk-ant-canaryA1b2C3d4E5f6G7h8I9j0K1l2M3n4';

describe('an engine, observed', () => {
  it('shows neither message text, nor answers, nor keys, nor who speaks', async () => {
    const { engine, clock, channel, provider } = anEngine({
      agents: [{ name: 'atlas', instructions: `Never say ${CANARY}` }],
      routes: undefined,
      texts: { failed: `Sorry, ${CANARY}` },
      grant: ['channel.pause'],
    });
    const events = eventsOf(engine);
    await engine.start();
    provider.script(
      { pieces: [`The answer is ${CANARY}`] },
      { pieces: [CANARY], end: { kind: 'reset' } },
      { pieces: [CANARY], end: { kind: 'stall' } },
    );

    for (const id of ['m1', 'm2', 'm3']) {
      channel.say(id, `web:${CANARY}`, {
        text: `Hi, ${CANARY} ${KEY}`,
        metadata: { user: CANARY },
      });
      await settled(clock);
    }
    await engine.execute({ id: KEY, by: KEY, type: 'channel.pause', channel: KEY });
    const snapshot = engine.snapshot();
    await stopped(engine, clock);

    const shown = JSON.stringify([events, snapshot, engine.snapshot()]);
    expect(channel.replies[0]).toContain(CANARY);
    expect(snapshot.runs).toHaveLength(1);
    expect(events.map(({ type }) => type)).toContain('run.failed');
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain('canaryA1b2');
  });

  it('shows who speaks when the host wants that', async () => {
    const { engine, clock, channel, provider } = anEngine({ capture: { identity: true } });
    await engine.start();
    const events = eventsOf(engine);
    provider.script({ end: { kind: 'hang' } });

    channel.say('m1', 'web:ann');
    await settled(clock);

    expect(events[0]).toMatchObject({ type: 'message.received', namespace: 'web:ann' });
    expect(engine.snapshot()).toMatchObject({
      runs: [{ namespace: 'web:ann' }],
      capabilities: ['identity'],
    });
    await stopped(engine, clock);
  });

  it('names a conversation by the same hash in events and in snapshots', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    const events = eventsOf(engine);
    provider.script({ end: { kind: 'hang' } });

    channel.say('m1', 'web:ann');
    await settled(clock);

    const [run] = engine.snapshot().runs;
    expect(events[0]).toMatchObject({ namespace: run?.namespace });
    expect(run?.namespace).toMatch(/^[0-9a-z]{12}$/);
    await stopped(engine, clock);
  });

  it('numbers all events of all parts without a hole', async () => {
    const { engine, clock, channel } = anEngine();
    const events = eventsOf(engine);
    await engine.start();

    channel.say('m1');
    await settled(clock);
    await engine.stop();

    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('gives who comes late a snapshot into which the next events fold', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['slow'], headersMs: 50 });
    channel.say('m1');
    await settled(clock);

    const events = eventsOf(engine);
    const snapshot = engine.snapshot();
    channel.say('m2', 'web:bob');
    await clock.advance(50);
    await settled(clock);

    const folded = events.reduce(applyEvent, snapshot);
    expect({ ...folded, at: 0 }).toEqual({ ...engine.snapshot(), at: 0 });
    await engine.stop();
  });

  it('tells of a new table of agents', async () => {
    const { engine } = anEngine();
    const events = eventsOf(engine);

    engine.setAgents({ agents: [{ name: 'nemo', instructions: '' }] });

    const routes = [{ rule: 'static', agent: 'nemo', matched: 0 }];
    expect(events).toMatchObject([{ type: 'route.replaced', routes }]);
    expect(() => engine.setAgents({ agents: [] })).toThrow('at least one agent');
    expect(engine.snapshot().routes).toEqual(routes);
    await engine.stop();
  });
});

describe('an engine that nobody observes', () => {
  it('builds no event on the way of a message, and counts all the same', async () => {
    const { engine, clock, channel, provider } = anEngine({ grant: ['channel.restart'] });
    await engine.start();
    await engine.clients.ready();
    const emit = vi.spyOn(EventBus.prototype, 'emit'); // whoever calls it has built an event
    const refusal = { end: { kind: 'status', status: 401 } } as const;
    provider.script({ pieces: ['One'] }, refusal, { end: { kind: 'hang' } });

    for (const id of ['m1', 'm2', 'm3']) {
      channel.say(id);
      await settled(clock);
    }
    await engine.execute({ id: 'c1', by: 'ann', type: 'channel.restart', channel: 'web' });

    const snapshot = engine.snapshot();
    expect(typesOf(emit.mock.calls).filter(isOfMessage)).toEqual([]);
    expect(snapshot.seq).toBe(0);
    emit.mockRestore();
    expect(snapshot.counters).toEqual({
      'calls.started': 3,
      'calls.failed': 1,
      'messages.received': 3,
      'messages.replied': 1,
      'messages.deadLettered': 0,
    });
    expect(snapshot.runs).toMatchObject([{ agent: 'atlas', phase: 'waiting' }]);
    expect(snapshot.routes).toMatchObject([{ matched: 0 }, { matched: 3 }]);
    await stopped(engine, clock);
  });
});

function typesOf(calls: readonly (readonly unknown[])[]): readonly string[] {
  return calls.map(([draft]) => (draft as EventDraft).type);
}

/** Clients are made and ended seldom: their pool builds those events without asking. */
function isOfMessage(type: string): boolean {
  return !type.startsWith('client.');
}
