import {
  type ChannelDefinition,
  ChannelFailedError,
  type ChannelManagerEventDraft,
  ChannelManager,
  type ChannelStep,
  type MessageHandler,
  type OwnershipState,
  type OwnershipStore,
  seededRandom,
  transitionTable,
} from '@sluice/core';
import { applyEvent, type EngineSnapshot, type SluiceEvent } from '@sluice/core/events';
import {
  ScriptedChannel,
  type ScriptedOpen,
  type ScriptedSession,
  VirtualClock,
} from '@sluice/core/testing';
import fc from 'fast-check';
import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/tier.ts';

const ids = ['a', 'b', 'c'] as const;

type Wish = 'stop' | 'restart' | 'pause' | 'resume' | 'retry' | 'endSource';
type Command =
  | { readonly type: 'start' | Wish; readonly id: string }
  | { readonly type: 'own'; readonly isOwner: boolean }
  | {
      readonly type: 'swap';
      readonly id: string;
      readonly open: OpenKind;
      readonly overlap: boolean;
    }
  | { readonly type: 'end'; readonly id: string; readonly kind: 'clean' | 'fault' | 'fatal' }
  | { readonly type: 'say'; readonly id: string; readonly key: string; readonly text: string }
  | { readonly type: 'redeliver'; readonly id: string; readonly index: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'settle' };
type OpenKind = 'ok' | 'slow' | 'fault' | 'fatal' | 'hang';

const id = fc.constantFrom(...ids);
const type = <T extends string>(...names: T[]): fc.Arbitrary<T> => fc.constantFrom(...names);
const open = type<OpenKind>('ok', 'ok', 'slow', 'fault', 'fatal', 'hang');
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: type('start'), id }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: type<Wish>('stop', 'restart', 'pause', 'resume', 'resume', 'retry', 'endSource'),
      id,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('own'), isOwner: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: type('swap'), id, open, overlap: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: type('end'), id, kind: type('clean', 'fault', 'fatal') }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: type('say'),
      id,
      key: type('x', 'y'),
      text: type('now', 'take', 'take', 'throw', 'hang', 'silent'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('redeliver'), id, index: fc.nat(5) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: type('advance'),
      ms: fc.constantFrom(1, 100, 100, 1_500, 6_000, 40_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: type('settle') }) },
);

describe('channels under random commands and faults', () => {
  it('lose nothing, answer nothing twice, keep order, tell the truth, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 8, maxLength: 60, size: 'max' }),
        fc.nat(),
        async (commands, seed) => {
          const world = new World(seed);
          for (const channel of ids) await world.run({ type: 'start', id: channel });

          for (const each of commands) {
            await world.run(each);
            world.expectFoldedTruth();
          }
          await world.end();

          world.expectOnlyListedTransitions();
          world.expectEachMessageEndedOnce();
          world.expectOrder();
          world.expectNothingLeft();
        },
      ),
      { numRuns: runs(1_000, 10_000) },
    );
  });

  it('leave a message that found no room to the next connection, after what came there first', async () => {
    const world = new World(0);
    for (const channel of ids) await world.run({ type: 'start', id: channel });
    const say: Command = { type: 'say', id: 'b', key: 'x', text: 'now' };
    const commands: readonly Command[] = [
      { type: 'advance', ms: 40_000 },
      say,
      say,
      say,
      say, // one runs, two wait, and this one finds no room
      { type: 'stop', id: 'b' },
      { type: 'start', id: 'b' },
      { type: 'advance', ms: 40_000 },
      say,
      { type: 'redeliver', id: 'b', index: 3 },
    ];

    for (const each of commands) await world.run(each);
    await world.end();

    const started = world.all.flatMap((e) => (e.type === 'message.started' ? [e.message] : []));
    expect(started).toEqual(['b0', 'b1', 'b2', 'b4', 'b3']);
    world.expectEachMessageEndedOnce();
    world.expectOrder();
  });
});

/** Three channels, everything that was seen of them, and the checks. */
class World {
  readonly clock = new VirtualClock();
  readonly events: (ChannelManagerEventDraft & { readonly seq: number })[] = [];
  readonly steps: ChannelStep[] = [];
  readonly channels: ScriptedChannel[] = [];
  readonly states = new Map<string, string[]>();
  readonly manager: ChannelManager;
  readonly #current = new Map<string, ScriptedChannel>();
  readonly #said: { readonly id: string; readonly channel: string; readonly key: string }[] = [];
  readonly #saidAgain = new Set<string>();
  #folded: EngineSnapshot;
  #competitor: Subscriber<OwnershipState> | undefined;
  #fence = 0;

  constructor(seed: number) {
    const { clock } = this;
    this.manager = new ChannelManager({
      handler: this.#handler,
      clock,
      random: seededRandom(seed),
    });
    this.manager.events$.subscribe((event) => this.events.push(event));
    this.manager.inspect$.subscribe((step) => this.steps.push(step));
    this.#folded = { ...emptySnapshot, ...this.manager.bus.position };
    for (const channel of ids) {
      this.manager.add(this.#define(channel, { overlap: channel === 'b', open: 'slow' }));
      const seen: string[] = [];
      this.states.set(channel, seen);
      this.manager
        .state$(channel)
        .subscribe(({ status, generation }) => seen.push(`${status} ${generation}`));
    }
  }

  async run(command: Command): Promise<void> {
    switch (command.type) {
      case 'start':
        return quietly(this.manager.start(command.id));
      case 'stop':
        return quietly(this.manager.stop(command.id));
      case 'restart':
        return quietly(this.manager.restart(command.id));
      case 'retry':
        return quietly(this.manager.retryNow(command.id));
      case 'own':
        return this.#own(command.isOwner);
      case 'pause':
        return void this.manager.pause(command.id);
      case 'resume':
        return void this.manager.resume(command.id);
      case 'swap': {
        return quietly(this.manager.swap(command.id, this.#define(command.id, command)));
      }
      case 'end': {
        const error = new Error('broken');
        return this.#session(command.id)?.end({ kind: command.kind, error });
      }
      case 'endSource':
        return this.#session(command.id)?.endSource();
      case 'say':
        return this.#say(command);
      case 'redeliver':
        return this.#redeliver(command);
      case 'advance':
        return this.clock.advance(command.ms);
      case 'settle':
        return this.clock.settle();
    }
  }

  async end(): Promise<void> {
    const stopped = this.manager.stop();
    await this.clock.advance(10_000);
    await stopped;
    await this.clock.advance(120_000);
    this.expectFoldedTruth();
  }

  /** What the events add up to is what a snapshot says. */
  expectFoldedTruth(): void {
    for (const event of this.events.splice(0)) {
      this.all.push(event);
      this.#folded = applyEvent(this.#folded, event as unknown as SluiceEvent);
    }
    expect(this.#folded.channels).toEqual(this.manager.snapshot());
  }

  readonly all: ChannelManagerEventDraft[] = [];

  expectOnlyListedTransitions(): void {
    for (const { input, from, to } of this.steps) {
      if (from.status === to.status && from.generation === to.generation) continue;
      expect(
        transitionTable[from.status][input.type] ?? [],
        `${from.status} ${input.type}`,
      ).toContain(to.status);
    }
    for (const seen of this.states.values()) {
      seen.forEach((state, i) => expect(state).not.toBe(seen[i - 1]));
    }
  }

  expectEachMessageEndedOnce(): void {
    const received = this.#typesOf('message.received');
    const ended = this.#typesOf(
      'message.replied',
      'message.ignored',
      'message.failed',
      'message.deadLettered',
    );
    expect(ended.toSorted()).toEqual(received.toSorted());
    const answered = this.channels.flatMap(({ outputs }) =>
      outputs.flatMap((o) => {
        if (o.type === 'send') return [o.message.replyTo];
        return o.type === 'error' ? [o.address.replyTo] : [];
      }),
    );
    expect(answered.length).toBe(new Set(answered).size);
    const replied = this.all.flatMap((e) => (e.type === 'message.replied' ? [e.message] : []));
    expect(answered).toEqual(expect.arrayContaining(replied));
  }

  /**
   * Messages of a key are accepted in the order in which they were said, and started in the order in which they were
   * accepted. What a platform says again has no place of its own: a connection that ended before it had room for a
   * message leaves it to the next one, where others may come first.
   */
  expectOrder(): void {
    const received = [...new Set(this.#typesOf('message.received'))];
    const started = [...new Set(this.#typesOf('message.started'))];
    for (const channel of ids) {
      for (const key of ['x', 'y']) {
        const said = this.#said
          .filter((m) => m.channel === channel && m.key === key)
          .map((m) => m.id);
        const accepted = received.filter((message) => said.includes(message));
        expect(started.filter((message) => said.includes(message))).toEqual(
          accepted.filter((message) => started.includes(message)),
        );
        const saidOnce = (message: string): boolean => !this.#saidAgain.has(message);
        expect(accepted.filter(saidOnce)).toEqual(
          said.filter((message) => saidOnce(message) && accepted.includes(message)),
        );
      }
    }
  }

  expectNothingLeft(): void {
    expect(this.clock.pending).toBe(0);
    for (const { state, queued, running } of this.manager.snapshot()) {
      expect(['idle', 'stopped', 'failed']).toContain(state);
      expect([queued, running]).toEqual([0, 0]);
    }
    for (const { sessions } of this.channels) {
      for (const session of sessions) {
        expect(session.hungUp).toBeDefined();
        expect([session.isListening, session.isPaused]).toEqual([false, false]);
      }
    }
  }

  readonly #handler: MessageHandler = async ({ text }, { reply, signal }) => {
    if (text === 'throw') throw new Error('broken');
    if (text === 'take') await new Promise<void>((resolve) => void this.clock.after(700, resolve));
    if (text === 'hang') {
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    }
    if (text !== 'silent') await reply.final('answer');
  };

  /** One gives up soon, one stops at a clean end and is soon full, one competes with other processes. */
  #define(
    id: string,
    how: { readonly overlap: boolean; readonly open: OpenKind },
  ): ChannelDefinition {
    const channel = this.#make(id, how);
    if (id === 'a') return { id, channel, restart: { intensity: 2, periodMs: 30_000 } };
    if (id === 'b') {
      const restart = { restart: 'transient', connectTimeoutMs: 3_000 } as const;
      return { id, channel, restart, queue: { capacity: 2, concurrency: 1 } };
    }
    return { id, channel, ownership: this.#store };
  }

  readonly #store: OwnershipStore = {
    compete: () =>
      new Observable((subscriber) => {
        this.#competitor = subscriber;
        this.#own(true);
        return () => {
          this.#competitor = undefined;
        };
      }),
  };

  #own(isOwner: boolean): void {
    this.#fence += 1;
    this.#competitor?.next(isOwner ? { role: 'owner', fence: this.#fence } : { role: 'standby' });
  }

  #make(
    channel: string,
    { overlap, open: first }: { readonly overlap: boolean; readonly open: OpenKind },
  ): ScriptedChannel {
    const made = new ScriptedChannel({
      capabilities: { overlap, ack: true, typingMs: 500 },
      source: channel === 'c' ? 'pull' : 'push',
      canPause: channel === 'b',
      resumeInfo: () => ({}),
      opens: [scripted[first]],
    });
    this.channels.push(made);
    this.#current.set(channel, made);
    return made;
  }

  #session(channel: string): ScriptedSession | undefined {
    return this.channels
      .filter((made) => made === this.#current.get(channel))
      .flatMap(({ sessions }) => sessions)
      .at(-1);
  }

  #say({ id: channel, key, text }: Extract<Command, { type: 'say' }>): void {
    const session = this.#session(channel);
    if (session?.isListening !== true) return;
    const message = `${channel}${this.#said.length}`;
    this.#said.push({ id: message, channel, key });
    this.#current.get(channel)?.say(message, key, { text });
  }

  #redeliver({ id: channel, index }: Extract<Command, { type: 'redeliver' }>): void {
    const message = this.#said.filter((said) => said.channel === channel).at(index);
    if (message === undefined || this.#session(channel)?.isListening !== true) return;
    if (this.all.some((e) => e.type === 'message.deadLettered' && e.message === message.id)) return;
    this.#saidAgain.add(message.id);
    this.#current.get(channel)?.say(message.id, message.key, { text: 'now' });
  }

  #typesOf(...types: readonly string[]): string[] {
    return this.all.flatMap((e) => (types.includes(e.type) && 'message' in e ? [e.message] : []));
  }
}

const scripted: Record<OpenKind, ScriptedOpen> = {
  ok: { kind: 'ok' },
  slow: { kind: 'late', delayMs: 50 },
  hang: { kind: 'hang' },
  fault: { kind: 'fail', error: new Error('refused') },
  fatal: { kind: 'fail', error: new ChannelFailedError('banned', { fatal: true }) },
};

const emptySnapshot = {
  channels: [],
  pools: [],
  targets: [],
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
} as unknown as EngineSnapshot;

function quietly(promise: Promise<void>): void {
  promise.catch(() => undefined);
}
