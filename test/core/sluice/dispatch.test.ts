import { describe, expect, it } from 'vitest';
import { ScriptedChannel } from '@sluice/core/testing';
import { anEngine, eventsOf, settled, stopped } from './an-engine.ts';

describe('a message in an engine', () => {
  it('is routed, streamed through a lease and answered, and every event carries its run id', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    await engine.clients.ready();
    const events = eventsOf(engine);
    provider.script({ pieces: ['A gate', ' for water'] });

    channel.say('m1', 'web:ann', { text: 'What is a sluice?' });
    await settled(clock);

    expect(channel.replies).toEqual(['A gate for water']);
    const runId = events.flatMap((event) => ('runId' in event ? [event.runId] : []))[0] ?? '';
    const ofRun = events.filter((event) => JSON.stringify(event).includes(runId));
    expect(ofRun.map(({ type }) => type)).toEqual([
      'message.received',
      'message.queued',
      'message.started',
      'route.decided',
      'run.started',
      'run.turn',
      'call.started',
      'lease.acquired',
      'attempt.started',
      'attempt.firstByte',
      'attempt.firstContent',
      'run.firstContent',
      'attempt.finished',
      'call.finished',
      'run.finished',
      'send.started',
      'send.finished',
      'message.replied',
    ]);
    await engine.stop();
  });

  it('is the label of the lease that it is answered with', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['half'], end: { kind: 'stall' } });

    channel.say('m1');
    await settled(clock);

    const { pools, runs } = engine.snapshot();
    const leases = pools.flatMap(({ slots }) => slots.flatMap(({ lease }) => lease ?? []));
    expect(leases.map(({ label }) => label)).toEqual([runs[0]?.runId]);
    expect(runs).toMatchObject([{ channel: 'web', agent: 'atlas', phase: 'streaming' }]);
    await stopped(engine, clock);
  });

  it('reaches the agent that it mentions, without the mention', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();

    channel.say('m1', 'web:ann', { text: '@CodeBot sort a list' });
    await settled(clock);

    expect(provider.requests[0]?.messages).toMatchObject([
      { role: 'system', content: 'You write code.' },
      { role: 'user', content: 'sort a list' },
    ]);
    expect(engine.snapshot().routes).toMatchObject([
      { rule: 'mention @codebot', matched: 1 },
      { rule: 'fallback', matched: 0 },
    ]);
    await engine.stop();
  });

  it('is shown while the answer grows, where the channel can', async () => {
    const channel = new ScriptedChannel({ capabilities: { streaming: true } });
    const { engine, clock, provider } = anEngine({ channel });
    await engine.start();
    provider.script({ pieces: ['A', ' gate'], pieceMs: 10 });

    channel.say('m1');
    await clock.advance(100);
    await settled(clock);

    const bodies = channel.outputs.flatMap((output) =>
      output.type === 'send' ? [output.message.body] : [],
    );
    expect(bodies).toMatchObject([
      { kind: 'delta', text: 'A' },
      { kind: 'delta', text: ' gate' },
      { kind: 'final', text: 'A gate', usage: { inputTokens: 3, outputTokens: 5 } },
    ]);
    await engine.stop();
  });

  it('becomes a dead letter when nobody takes it, and its sender is told so', async () => {
    const { engine, clock, channel } = anEngine({
      routes: [{ kind: 'mention', agent: 'atlas' }],
      texts: { unroutable: 'Please mention @atlas.' },
    });
    const letters: string[] = [];
    engine.channels.deadLetters$.subscribe(({ reason, message }) => {
      letters.push(`${reason}: ${message.text}`);
    });
    await engine.start();
    const events = eventsOf(engine);

    channel.say('m1', 'web:ann', { text: 'hello' });
    await settled(clock);

    expect(letters).toEqual(['unroutable: hello']);
    expect(channel.errors).toEqual(['Please mention @atlas.']);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'route.decided', agent: null, matchedBy: 'none' }),
    );
    expect(engine.snapshot()).toMatchObject({ runs: [], counters: { 'messages.deadLettered': 1 } });
    await engine.stop();
  });

  it('that nobody takes is not answered when there is no notice', async () => {
    const { engine, clock, channel } = anEngine({ routes: [{ kind: 'mention', agent: 'atlas' }] });
    await engine.start();

    channel.say('m1', 'web:ann', { text: 'hello' });
    await settled(clock);

    expect(channel.outputs).toEqual([]);
    await engine.stop();
  });

  it('whose answer fails is answered with the safe text, and with nothing of the error', async () => {
    const { engine, clock, channel, provider } = anEngine({ texts: { failed: 'Sorry.' } });
    await engine.start();
    provider.script({ pieces: [], end: { kind: 'status', status: 401 } });

    channel.say('m1');
    await settled(clock);

    expect(channel.errors).toEqual(['Sorry.']);
    expect(channel.replies).toEqual([]);
    await engine.stop();
  });

  it('does not wait for a slow answer in another conversation', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['slow'], headersMs: 60_000 }, { pieces: ['quick'] });

    channel.say('m1', 'web:ann');
    channel.say('m2', 'web:bob');
    await settled(clock);

    expect(channel.replies).toEqual(['quick']);
    await clock.advance(60_000);
    await settled(clock);
    expect(channel.replies).toEqual(['quick', 'slow']);
    await engine.stop();
  });

  it('of one conversation is answered after the one before it, and knows it', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['One'], headersMs: 1_000 }, { pieces: ['Two'] });

    channel.say('m1', 'web:ann', { text: 'first' });
    channel.say('m2', 'web:ann', { text: 'second' });
    await clock.advance(1_000);
    await settled(clock);

    expect(channel.replies).toEqual(['One', 'Two']);
    expect(provider.requests[1]?.messages).toHaveLength(4);
    await engine.stop();
  });

  it('is answered by the table that it began with when another one is set meanwhile', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['One'], headersMs: 1_000 });
    channel.say('m1', 'web:ann');
    await settled(clock);

    engine.setAgents({ agents: [{ name: 'nemo', instructions: 'You are new.' }] });
    channel.say('m2', 'web:bob');
    await clock.advance(1_000);
    await settled(clock);

    expect(provider.requests.map(({ messages }) => messages[0]?.content)).toEqual([
      'You know rivers.',
      'You are new.',
    ]);
    expect(channel.replies).toHaveLength(2);
    expect(engine.snapshot().routes).toEqual([{ rule: 'static', agent: 'nemo', matched: 1 }]);
    await engine.stop();
  });

  it('is aborted when its sender goes away, and its client comes back', async () => {
    const { engine, clock, channel, provider } = anEngine();
    await engine.start();
    provider.script({ pieces: ['half'], end: { kind: 'stall' } });
    const gone = new AbortController();
    channel.say('m1', 'web:ann', { signal: gone.signal });
    await settled(clock);

    gone.abort(new Error('The tab was closed'));
    await settled(clock);

    expect(provider.aborted).toBe(1);
    expect(engine.clients.stats()['main']).toMatchObject({ inUse: 0 });
    expect(engine.snapshot().runs).toEqual([]);
    expect(channel.outputs).toEqual([]);
    await engine.stop();
  });
});
