import {
  ChannelFailedError,
  ChannelManager,
  type ChannelStep,
  ChannelSupersededError,
  type MessageHandler,
  type OwnershipState,
  type OwnershipStore,
  transition,
} from '@sluice/core';
import { ScriptedChannel, VirtualClock } from '@sluice/core/testing';
import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { aChannel, byHand, echo, steadyBackoff, taking, failureOf } from './a-channel.ts';

describe('many channels', () => {
  it('do not notice when one of them fails for good', async () => {
    const { manager, channel, clock } = aChannel();
    const other = new ScriptedChannel();
    manager.add({ id: 'd', channel: other });
    await manager.start();
    const seen: string[] = [];
    manager.state$('d').subscribe(({ status }) => seen.push(status));

    channel.session.end({ kind: 'fatal', error: new Error('banned') });
    other.say('1');
    await clock.settle();

    expect([manager.state('c').status, manager.state('d').status]).toEqual(['failed', 'running']);
    expect([seen, other.replies]).toEqual([['running'], ['re 1']]);
  });

  it('can be removed while running, and their ids used again', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock, events } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const removed = manager.remove('c');
    answer('1');
    await clock.settle();
    await removed;
    manager.add({ id: 'c', channel: new ScriptedChannel({ kind: 'other' }) });
    await manager.start('c');

    expect(channel.replies).toEqual(['re 1']);
    expect(manager.snapshot()).toMatchObject([{ channel: 'c', kind: 'other', generation: 1 }]);
    expect(events.map(({ type }) => type)).toContain('channel.removed');
  });

  it('start in the order of their dependencies and stop in the reverse', async () => {
    const { manager, clock } = aChannel({ script: { opens: [{ kind: 'late', delayMs: 1_000 }] } });
    manager.add({ id: 'd', channel: new ScriptedChannel(), dependsOn: ['c'] });
    const order: string[] = [];
    for (const id of ['c', 'd']) {
      manager.state$(id).subscribe(({ status }) => {
        if (status === 'running' || status === 'stopped') order.push(`${id} ${status}`);
      });
    }

    await Promise.all([manager.start(), clock.advance(1_000)]);
    await manager.stop();

    expect(order).toEqual(['c running', 'd running', 'd stopped', 'c stopped']);
  });

  it('are not started when one that they depend on does not', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager } = aChannel({ script: { opens: [{ kind: 'fail', error }] } });
    manager.add({ id: 'd', channel: new ScriptedChannel(), dependsOn: ['c'] });

    await expect(manager.start()).rejects.toBe(error);

    expect(manager.state('d').status).toBe('idle');
  });

  it('are started without one that was removed', async () => {
    const { manager } = aChannel();
    manager.add({ id: 'd', channel: new ScriptedChannel(), dependsOn: ['c'] });
    await manager.remove('c');

    await manager.start();

    expect(manager.state('d').status).toBe('running');
  });

  it('are stopped, also when one is removed meanwhile', async () => {
    const { handler, answer } = byHand();
    const { manager, clock } = aChannel({ handler });
    const other = new ScriptedChannel();
    manager.add({ id: 'd', channel: other, dependsOn: ['c'] });
    await manager.start();
    other.say('1');
    await clock.settle();

    const stopped = manager.stop();
    await manager.remove('c');
    answer('1');
    await stopped;

    expect([manager.ids, manager.state('d').status]).toEqual([['d'], 'stopped']);
  });

  it('cannot wait for each other, nor for one that is not there', async () => {
    const { manager } = aChannel();
    const channel = new ScriptedChannel();
    manager.add({ id: 'd', channel, dependsOn: ['c'] });
    const swapTo = (...dependsOn: string[]) =>
      failureOf((async () => manager.swap('c', { id: 'c', channel, dependsOn }))());

    const problems = [await swapTo('d'), await swapTo('c'), await swapTo('nobody')];
    await manager.remove('c');
    const again = (): void => manager.add({ id: 'c', channel, dependsOn: ['d'] });

    const circle = '"c" cannot depend on a channel that depends on it';
    expect(problems.map((problem) => (problem as Error).message)).toEqual([
      circle,
      circle,
      'There is no channel "nobody"',
    ]);
    expect(again).toThrow(circle);
  });

  it.each([
    ['one-for-one', ['b'], []],
    ['rest-for-one', ['b'], ['c']],
    ['one-for-all', ['b'], ['a', 'c']],
  ] as const)('restart together as %s says', async (strategy, [broken], others) => {
    const clock = new VirtualClock();
    const channels = new Map(['a', 'b', 'c'].map((id) => [id, new ScriptedChannel()]));
    const manager = new ChannelManager({ handler: echo, clock, strategy });
    for (const [id, channel] of channels) manager.add({ id, channel });
    await manager.start();

    channels.get(broken)?.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(10_000);

    const restarted = manager.snapshot().filter(({ generation }) => generation > 1);
    expect(restarted.map(({ channel }) => channel).toSorted()).toEqual(
      [...others, broken].toSorted(),
    );
    expect(manager.snapshot().every(({ state }) => state === 'running')).toBe(true);
  });

  it('are stopped when the manager is disposed of', async () => {
    const { manager, channel, clock } = aChannel();
    await manager.start();

    await manager[Symbol.asyncDispose]();

    expect(channel.session.hungUp).toEqual({ keepSession: false });
    expect([manager.ids, clock.pending]).toEqual([[], 0]);
  });
});

describe('a paused channel', () => {
  it('ends what it began, keeps its connection, and goes on in order when resumed', async () => {
    const { handler, started, answer } = byHand();
    const { manager, channel, clock, states } = aChannel({ handler });
    await manager.start();
    channel.say('1');
    channel.say('2');

    manager.pause('c');
    answer('1');
    channel.say('3');
    await clock.settle();
    expect([started, channel.replies, states.at(-1)]).toEqual([['1'], ['re 1'], 'paused']);
    expect([manager.isConnected('c'), channel.session.hungUp]).toEqual([true, undefined]);
    manager.resume('c');
    await clock.settle();
    answer('2');
    await clock.settle();

    expect(started).toEqual(['1', '2', '3']);
    expect(states.slice(2)).toEqual(['running', 'paused', 'running']);
  });

  it('does not ask for messages', async () => {
    const { manager, channel, clock } = aChannel({ script: { source: 'pull' } });
    await manager.start();
    await clock.settle();
    manager.pause('c');
    channel.say('1');
    await clock.settle();
    const receives = channel.session.receives;

    channel.say('2');
    await clock.settle();

    expect(channel.session.receives).toBe(receives);
    manager.resume('c');
    await clock.settle();
    expect(channel.replies).toEqual(['re 1', 're 2']);
  });

  it('tells whether a pause or a resume changed anything', async () => {
    const { manager } = aChannel();
    const idle = manager.pause('c');
    await manager.start();

    const told = [manager.resume('c'), manager.pause('c'), manager.pause('c'), manager.resume('c')];

    expect([idle, told]).toEqual([false, [false, true, false, true]]);
  });

  it('is paused again after its connection broke', async () => {
    const { manager, channel, clock, states } = aChannel();
    await manager.start();
    manager.pause('c');

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);

    expect(states.slice(3)).toEqual(['paused', 'backoff', 'connecting', 'paused']);
  });

  it('still answers what waits when it is stopped', async () => {
    const { manager, channel, clock } = aChannel();
    await manager.start();
    manager.pause('c');
    channel.say('1');

    await Promise.all([manager.stop(), clock.settle()]);

    expect(channel.replies).toEqual(['re 1']);
  });
});

describe('a restart by hand', () => {
  it('answers what was accepted on the connection by which it came, then connects anew', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock, states, events } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const restarted = manager.restart('c', { cause: 'deploy' });
    await clock.settle();
    expect([states.at(-1), channel.session.isListening]).toEqual(['draining', false]);
    answer('1');
    await clock.settle();
    await restarted;

    expect(states.slice(3)).toEqual(['draining', 'connecting', 'running']);
    expect(channel.outputs).toMatchObject([{ type: 'send', session: 0 }]);
    expect(manager.state('c').generation).toBe(2);
    expect(events.filter(({ type }) => type === 'channel.restarting')).toMatchObject([
      { by: 'hand', cause: 'deploy' },
    ]);
    expect(manager.snapshot()[0]).toMatchObject({
      restartsInWindow: 0,
      restarts: [{ by: 'hand' }],
    });
  });

  it('gives way to a later one', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const first = failureOf(manager.restart('c'));
    const second = manager.restart('c');
    answer('1');
    await clock.settle();
    await Promise.all([first, second]);
    expect(await first).toSatisfy(ChannelSupersededError.is);

    expect(channel.sessions).toHaveLength(2);
  });

  it('gives way to a stop', async () => {
    const { handler, answer } = byHand();
    const { manager, channel, clock, states } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const restarted = failureOf(manager.restart('c'));
    const stopped = manager.stop('c');
    answer('1');
    await clock.settle();
    await Promise.all([restarted, stopped]);
    expect(await restarted).toSatisfy(ChannelSupersededError.is);

    expect([states.at(-1), channel.dials]).toEqual(['stopped', 1]);
  });

  it('brings a failed channel back', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager, states } = aChannel({ script: { opens: [{ kind: 'fail', error }] } });
    await expect(manager.start()).rejects.toThrow('Bad token');

    await manager.restart('c');

    expect(states.at(-1)).toBe('running');
  });
});

describe('a swap', () => {
  const four = ['1', '2', '3', '4'];

  it.each([
    ['at once where both may be connected', true],
    ['one after the other where only one may', false],
  ])('loses nothing and answers nothing twice, %s', async (_, overlap) => {
    const { handler, started, answer } = byHand();
    const old = new ScriptedChannel({ capabilities: { overlap }, resumeInfo: () => ({ at: 7 }) });
    const { manager, clock, states } = aChannel({ handler, channel: old });
    const next = new ScriptedChannel({ capabilities: { overlap } });
    await manager.start();
    for (const id of four) old.say(id);

    await manager.swap('c', { id: 'c', channel: next });
    expect(states.at(-1)).toBe('running');
    expect(next.sessions).toHaveLength(1);
    for (const id of four) {
      answer(id);
      await clock.settle();
    }

    expect(started).toEqual(four);
    expect([...old.replies, ...next.replies].toSorted()).toEqual(four.map((id) => `re ${id}`));
    expect(old.session.isListening).toBe(false);
    expect(old.session.hungUp).toEqual({ keepSession: true });
    if (!overlap) expect(next.resumes).toEqual([{ at: 7 }]);
    next.say('5');
    await clock.settle();
    answer('5');
    await clock.settle();
    expect(next.replies).toContain('re 5');
    await manager.stop();
    expect(clock.pending).toBe(0);
  });

  it('goes on with the old channel when the new one does not connect', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager, channel, clock, states } = aChannel({
      script: { capabilities: { overlap: true } },
    });
    const next = new ScriptedChannel({
      capabilities: { overlap: true },
      opens: [{ kind: 'fail', error }],
    });
    await manager.start();

    await expect(manager.swap('c', { id: 'c', channel: next })).rejects.toBe(error);
    channel.say('1');
    await clock.settle();

    expect(states.slice(2)).toEqual(['running', 'handover', 'running']);
    expect([channel.replies, channel.dials]).toEqual([['re 1'], 1]);
  });

  it('dials the old channel again when only one may be connected and the new one does not', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager, channel, clock, states } = aChannel();
    const next = new ScriptedChannel({ opens: [{ kind: 'fail', error }] });
    await manager.start();

    await expect(manager.swap('c', { id: 'c', channel: next })).rejects.toBe(error);
    await clock.settle();
    channel.say('1');
    await clock.settle();

    expect(states.slice(2)).toEqual(['running', 'handover', 'running']);
    expect([channel.replies, channel.dials]).toEqual([['re 1'], 2]);
  });

  it('changes nothing when the new definition makes no sense', async () => {
    const { manager, states } = aChannel();
    await manager.start();
    const channel = new ScriptedChannel();

    expect(() => manager.swap('c', { id: 'd', channel })).toThrow(TypeError);
    expect(() => manager.swap('c', { id: 'c', channel, queue: { capacity: -1 } })).toThrow(
      /capacity/,
    );

    expect(states.at(-1)).toBe('running');
  });

  it('of a channel that connects is done when the new one runs', async () => {
    const late = { opens: [{ kind: 'late', delayMs: 1_000 }] } as const;
    const { manager, clock } = aChannel({ script: late });
    const started = manager.start();
    const next = new ScriptedChannel(late);

    const statuses: string[] = [];
    const swapped = manager.swap('c', { id: 'c', channel: next });
    void swapped.then(() => statuses.push(manager.state('c').status));
    await clock.advance(2_000);
    await started;

    expect([statuses, next.dials]).toEqual([['running'], 1]);
  });

  it('of a channel that connects fails when the new one fails for good', async () => {
    const error = new ChannelFailedError('Bad token', { fatal: true });
    const { manager, clock } = aChannel({ script: { opens: [{ kind: 'hang' }] } });
    const started = failureOf(manager.start());
    const next = new ScriptedChannel({ opens: [{ kind: 'fail', error }] });

    const swapped = failureOf(manager.swap('c', { id: 'c', channel: next }));
    await clock.settle();

    expect([await swapped, await started]).toEqual([error, error]);
  });

  it('is taken over by a stopped channel without starting it', async () => {
    const { manager, states } = aChannel();
    const next = new ScriptedChannel({ kind: 'next' });

    await manager.swap('c', { id: 'c', channel: next, metadata: { region: 'eu' } });
    expect(states).toEqual(['idle']);
    await manager.start();

    expect(manager.snapshot()).toMatchObject([{ kind: 'next', metadata: { region: 'eu' } }]);
    expect(next.dials).toBe(1);
  });

  it('gives way to a stop', async () => {
    const { manager, states, clock } = aChannel({ script: { capabilities: { overlap: true } } });
    const next = new ScriptedChannel({
      capabilities: { overlap: true },
      opens: [{ kind: 'hang' }],
    });
    await manager.start();

    const swapped = failureOf(manager.swap('c', { id: 'c', channel: next }));
    await clock.settle();
    await manager.stop('c');
    await swapped;
    expect(await swapped).toSatisfy(ChannelSupersededError.is);

    expect(states.slice(3)).toEqual(['handover', 'draining', 'stopped']);
    expect(clock.pending).toBe(0);
  });
});

describe('several swaps at once', () => {
  it.each([
    ['with two connections', true],
    ['with one connection', false],
  ])('end with the latest, and tell the others, %s', async (_, overlap) => {
    const capabilities = { overlap };
    const { manager, clock, channel } = aChannel({ script: { capabilities } });
    const made = [1, 2, 3].map((version) => ({
      id: 'c',
      channel: new ScriptedChannel({ capabilities, opens: [{ kind: 'late', delayMs: 1_000 }] }),
      metadata: { version: `${version}` },
    }));
    await manager.start();

    const ends = made.map((definition) =>
      manager.swap('c', definition).then(
        () => 'done',
        (error: unknown) => (ChannelSupersededError.is(error) ? 'superseded' : error),
      ),
    );
    await clock.advance(5_000);

    expect(await Promise.all(ends)).toEqual(['superseded', 'superseded', 'done']);
    expect(manager.state('c')).toMatchObject({ status: 'running', metadata: { version: '3' } });
    const left = [channel, ...made.slice(0, 2).map((each) => each.channel)].flatMap(
      ({ sessions }) => sessions.filter(({ hungUp }) => hungUp === undefined),
    );
    expect(left).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('a race', () => {
  it('leaves no session of a swap open that a restart took the place of', async () => {
    const { manager, clock } = aChannel();
    const next = new ScriptedChannel();
    await manager.start();
    const swapped = failureOf(manager.swap('c', { id: 'c', channel: next }));
    for (let turn = 0; next.dials === 0 && turn < 100; turn += 1) await Promise.resolve();

    await manager.restart('c');
    expect(await swapped).toSatisfy(ChannelSupersededError.is);
    await clock.settle();

    expect(next.session.hungUp).toEqual({ keepSession: false });
    expect(manager.state('c').status).toBe('running');
  });

  it('gives up a message that was received as the channel failed', async () => {
    const { manager, channel, clock, messageLog } = aChannel({ script: { source: 'pull' } });
    await manager.start();
    await clock.settle();

    channel.say('1');
    channel.session.end({ kind: 'fatal', error: new Error('banned') });
    await clock.settle();

    expect(manager.state('c').status).toBe('failed');
    expect(messageLog().at(-1)).toBe('deadLettered 1');
  });
});

describe('a stop', () => {
  it('waits for a handler that needs two of its five seconds', async () => {
    const { manager, channel, clock } = aChannel({ handler: taking(() => clock, 2_000) });
    await manager.start();
    channel.say('1');
    const startedAt = clock.now();
    let took = -1;

    const stopped = manager.stop('c', { deadlineMs: 5_000 }).then(() => {
      took = clock.now() - startedAt;
    });
    await clock.advance(10_000);
    await stopped;

    expect([took, channel.replies]).toEqual([2_000, ['re 1']]);
    expect(clock.pending).toBe(0);
  });

  it('ends at the deadline when a handler never returns, and aborts it', async () => {
    const hands = byHand();
    const { manager, channel, clock, states, deadLetters } = aChannel({
      handler: async (message, context) => {
        await hands.handler(message, context).catch(() => undefined);
        await new Promise(() => undefined);
      },
    });
    await manager.start();
    channel.say('1');
    channel.say('2');

    const stopped = manager.stop('c', { deadlineMs: 3_000 });
    await clock.advance(2_999);
    expect(states.at(-1)).toBe('draining');
    await clock.advance(1);
    await stopped;

    expect([hands.aborted, states.at(-1)]).toEqual([['1'], 'stopped']);
    expect(deadLetters.map(({ reason, message }) => `${reason} ${message.id}`)).toEqual([
      'stopped 1',
      'stopped 2',
    ]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for a session that never closes', async () => {
    const { manager, clock, states } = aChannel({
      script: { onClose: () => new Promise(() => undefined) },
    });
    await manager.start();

    await Promise.all([manager.stop(), clock.advance(5_000)]);

    expect([states.at(-1), clock.pending]).toEqual(['stopped', 0]);
  });

  it('can be made shorter while it is under way', async () => {
    const { handler } = byHand();
    const { manager, channel, clock } = aChannel({ handler });
    await manager.start();
    channel.say('1');

    const first = manager.stop('c', { deadlineMs: 60_000 });
    const second = manager.stop('c', { deadlineMs: 1_000 });
    await clock.advance(1_000);
    await Promise.all([first, second]);

    expect(manager.state('c').status).toBe('stopped');
  });

  it('lets a late answer change nothing', async () => {
    let finish: (() => void) | undefined;
    const { manager, channel, clock, messageLog } = aChannel({
      handler: async (_, { reply }) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        await reply.final('late');
      },
    });
    await manager.start();
    channel.say('1');
    await Promise.all([manager.stop(), clock.advance(5_000)]);

    finish?.();
    await clock.settle();
    await manager.start();
    await clock.advance(60_000);

    expect(channel.replies).toEqual([]);
    expect(messageLog().filter((line) => /replied|deadLettered|failed/.test(line))).toEqual([
      'deadLettered 1',
    ]);
  });
});

describe('ownership', () => {
  /** A store whose owner is named by the test. */
  function aStore(): {
    store: OwnershipStore;
    become(state: OwnershipState): void;
    competing: () => boolean;
  } {
    let competitor: Subscriber<OwnershipState> | undefined;
    return {
      store: {
        compete: () =>
          new Observable((subscriber) => {
            competitor = subscriber;
            subscriber.next({ role: 'standby' });
            return () => {
              competitor = undefined;
            };
          }),
      },
      become: (state) => competitor?.next(state),
      competing: () => competitor !== undefined,
    };
  }

  it('is waited for in standby, and lost without another word', async () => {
    const { store, become, competing } = aStore();
    const { handler, aborted } = byHand();
    const { manager, channel, clock, states } = aChannel({
      handler,
      definition: { ownership: store },
    });

    await manager.start();
    expect([states.at(-1), channel.dials]).toEqual(['standby', 0]);
    become({ role: 'owner', fence: 1 });
    await clock.settle();
    channel.say('1');
    become({ role: 'standby' });
    await clock.settle();
    expect([states.at(-1), aborted, channel.outputs]).toEqual(['standby', ['1'], []]);
    become({ role: 'owner', fence: 2 });
    await clock.settle();
    await manager.stop();

    expect(states.slice(1)).toEqual([
      'standby',
      'connecting',
      'running',
      'standby',
      'connecting',
      'running',
      'draining',
      'stopped',
    ]);
    expect([competing(), clock.pending]).toEqual([false, 0]);
  });

  it('puts its number on everything that is sent, a greater one each time it is won', async () => {
    const { store, become } = aStore();
    const fences: (number | undefined)[] = [];
    const channel = new ScriptedChannel({
      capabilities: { streaming: true },
      onSend: (_, { fence }) => void fences.push(fence),
      onSendError: (_, { fence }) => void fences.push(fence),
    });
    const handler: MessageHandler = async ({ text }, { reply }) => {
      reply.delta('…');
      await (text === 'fail' ? reply.error('Sorry') : reply.final(text));
    };
    const { manager, clock } = aChannel({ channel, handler, definition: { ownership: store } });
    await manager.start();
    become({ role: 'owner', fence: 7 });
    await clock.settle();
    channel.say('ok');
    channel.say('fail');
    await clock.settle();

    become({ role: 'standby' });
    become({ role: 'owner', fence: 9 });
    await clock.settle();
    channel.say('again');
    await clock.settle();

    expect(fences).toEqual([7, 7, 7, 7, 9, 9]);
  });

  it('is kept over a broken connection', async () => {
    const { store, become } = aStore();
    const { manager, channel, clock, states } = aChannel({ definition: { ownership: store } });
    await manager.start();
    become({ role: 'owner', fence: 1 });
    await clock.settle();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);

    expect(states.slice(4)).toEqual(['backoff', 'connecting', 'running']);
  });
});

describe('what observers are told', () => {
  it('is that messages may be missing when a session could not be resumed', async () => {
    const { manager, channel, clock, events } = aChannel({
      script: { resumeInfo: () => ({ seq: 3 }), resumed: false },
      definition: { restart: { backoff: steadyBackoff } },
    });
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);
    channel.say('1');
    await clock.settle();

    expect(channel.resumes).toEqual([undefined, { seq: 3 }]);
    expect(events.filter(({ type }) => type === 'channel.replayGap')).toMatchObject([
      { generation: 2 },
    ]);
    expect(channel.replies).toEqual(['re 1']);
  });

  it('is the reason that a transport gives, such as a zombie', async () => {
    const { manager, channel, clock, events } = aChannel();
    await manager.start();

    const error = new ChannelFailedError('No heartbeat answered', { reason: 'zombie' });
    channel.session.end({ kind: 'fault', error });
    await clock.advance(1_000);

    expect(events.filter(({ type }) => type === 'channel.restarting')).toMatchObject([
      { cause: 'zombie' },
    ]);
    expect(manager.state('c').status).toBe('running');
  });

  it('is nothing of restarts when a channel is quiet for a day', async () => {
    const { manager, clock, channel } = aChannel();
    await manager.start();

    await clock.advance(86_400_000);

    expect([manager.state('c').status, channel.dials]).toEqual(['running', 1]);
  });

  it('holds neither message text nor a namespace', async () => {
    const { manager, channel, clock, events } = aChannel({
      script: { capabilities: { typingMs: 10 } },
    });
    await manager.start();

    channel.say('1', 'discord:guild:canary-user', { text: 'canary-text' });
    await clock.settle();

    expect(JSON.stringify([events, manager.snapshot()])).not.toContain('canary');
    expect(events.some((event) => 'namespace' in event && event.namespace.length > 0)).toBe(true);
  });

  it('is built only while somebody observes', async () => {
    const hashed: string[] = [];
    const clock = new VirtualClock();
    const channel = new ScriptedChannel();
    const hashIdentity = (text: string): string => {
      hashed.push(text);
      return 'hash';
    };
    const manager = new ChannelManager({ handler: echo, clock, hashIdentity });
    manager.add({ id: 'c', channel });
    await manager.start();
    channel.say('1');
    await clock.settle();
    expect(hashed).toEqual([]);

    manager.events$.subscribe();
    channel.say('2');
    await clock.settle();

    expect(hashed.length).toBeGreaterThan(0);
    expect(manager.snapshot()).toMatchObject([{ received: 2, replied: 2 }]);
  });

  it('harms nobody when an observer throws, or gives commands from inside', async () => {
    const { manager, channel, clock, states } = aChannel();
    manager.events$.subscribe((event) => {
      if (event.type === 'message.replied') manager.pause('c');
      throw new Error('mine');
    });
    await manager.start();

    channel.say('1');
    await clock.settle();

    expect([channel.replies, states.at(-1)]).toEqual([['re 1'], 'paused']);
  });

  it('replays, step by step, to the same state', async () => {
    const { manager, channel, clock } = aChannel({
      definition: { restart: { backoff: steadyBackoff } },
    });
    const steps: ChannelStep[] = [];
    const first = manager.state('c');
    manager.inspect$.subscribe((step) => steps.push(step));
    await manager.start();
    channel.say('1');
    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);
    manager.pause('c');
    await Promise.all([manager.stop(), clock.advance(10)]);

    const last = steps.reduce(
      (state, { input, context }) => transition(state, input, context)[0],
      first,
    );

    expect(steps.length).toBeGreaterThan(6);
    expect(last).toEqual(manager.state('c'));
  });
});
