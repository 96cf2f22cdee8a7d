import * as fc from 'fast-check';
import {
  applyEvent,
  type EngineSnapshot,
  type SluiceCommand,
  type SluiceEvent,
} from '@sluice/core/events';
import { ClientPool, createSluice, type Engine, seededRandom } from '@sluice/core';
import {
  ScriptedChannel,
  type ScriptedEnd,
  ScriptedProvider,
  type ScriptedReply,
  VirtualClock,
} from '@sluice/core/testing';

/** One thing that happens to an engine. */
export type Step =
  | { readonly kind: 'say'; readonly channel: number; readonly id: number; readonly who: number }
  | { readonly kind: 'script'; readonly provider: number; readonly reply: ScriptedReply }
  | { readonly kind: 'leave'; readonly id: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'settle'; readonly turns: number }
  | { readonly kind: 'end'; readonly channel: number; readonly how: 'clean' | 'fault' | 'fatal' }
  | { readonly kind: 'command'; readonly command: SluiceCommand }
  | { readonly kind: 'start'; readonly channel: number }
  | { readonly kind: 'setAgents'; readonly count: number }
  | { readonly kind: 'swap'; readonly channel: number }
  | { readonly kind: 'remove' | 'register'; readonly provider: number };

const CHANNELS = ['web', 'chat'] as const;
const PROVIDERS = ['main', 'spare'] as const;
const COMMANDS = [
  'channel.restart',
  'channel.pause',
  'channel.resume',
  'channel.stop',
  'fault.add',
  'fault.remove',
] as const;

const ends: fc.Arbitrary<ScriptedEnd> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'done' } as const) },
  ...(['cut', 'reset', 'malformed', 'error', 'stall', 'hang'] as const).map((kind) =>
    fc.constant({ kind }),
  ),
  fc.constantFrom(429, 500, 503, 401).map((status) => ({ kind: 'status', status }) as const),
  fc
    .nat({ max: 300 })
    .map((retryAfterMs) => ({ kind: 'status', status: 429, retryAfterMs }) as const),
);

const reply: fc.Arbitrary<ScriptedReply> = fc.record({
  pieces: fc.array(fc.constantFrom('a ', 'b '), { maxLength: 3 }),
  headersMs: fc.constantFrom(0, 0, 5, 50),
  pieceMs: fc.constantFrom(0, 0, 10),
  cancelMs: fc.constantFrom(0, 0, 20, 500),
  end: ends,
});

const channel = fc.nat({ max: CHANNELS.length - 1 });

const faultCommand: fc.Arbitrary<SluiceCommand> = fc.record({
  id: fc.constant('c'),
  by: fc.constant('ann'),
  type: fc.constant('fault.add' as const),
  pool: fc.constantFrom(...PROVIDERS, 'unknown'),
  kind: fc.constantFrom('latency', 'status', 'cut', 'stall'),
  every: fc.integer({ min: 0, max: 3 }),
  value: fc.constantFrom(0, 1, 20, 503),
  forMs: fc.constantFrom(1, 50, 1_000, 700_000),
});

const channelCommand: fc.Arbitrary<SluiceCommand> = fc.record({
  id: fc.constant('c'),
  by: fc.constant('ann'),
  type: fc.constantFrom('channel.restart', 'channel.pause', 'channel.resume', 'channel.stop'),
  channel: fc.constantFrom(...CHANNELS, 'unknown'),
});

const faultRemoval: fc.Arbitrary<SluiceCommand> = fc.record({
  id: fc.constant('c'),
  by: fc.constant('ann'),
  type: fc.constant('fault.remove' as const),
  fault: fc.constantFrom('fault-1', 'fault-2', 'fault-3'),
});

/** Anything that may happen, the usual more often than the rare. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      channel,
      id: fc.nat({ max: 20 }),
      who: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('script' as const), provider: channel, reply }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('settle' as const), turns: fc.nat({ max: 80 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 5, 10, 50, 200, 1_000, 20_000),
    }),
  },
  fc.record({ kind: fc.constant('leave' as const), id: fc.nat({ max: 20 }) }),
  fc.record({
    kind: fc.constant('end' as const),
    channel,
    how: fc.constantFrom('clean', 'fault', 'fatal'),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command: fc.oneof(faultCommand, channelCommand, faultRemoval),
    }),
  },
  fc.record({ kind: fc.constant('start' as const), channel }),
  fc.record({ kind: fc.constant('swap' as const), channel }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'register' as const), provider: channel }),
  fc.record({ kind: fc.constant('setAgents' as const), count: fc.integer({ min: 1, max: 2 }) }),
);

/**
 * Time in whole milliseconds. Snapshots round to them, so that with parts of them a `since` may be one off from the `at`
 * of its event; here the two are to be compared exactly.
 */
class WholeClock extends VirtualClock {
  override after(...[delayMs, fn, options]: Parameters<VirtualClock['after']>): () => void {
    return super.after(Math.ceil(delayMs), fn, options);
  }
}

/** A small engine in which everything is scarce, so that every bound is met. */
export class EngineHistory {
  readonly clock: VirtualClock = new WholeClock();
  readonly engine: Engine;
  /** What the events say. */
  folded: EngineSnapshot;
  /** Where events and snapshot disagreed: the fold and the snapshot of the same moment. */
  readonly differences: {
    readonly after: string;
    readonly fold: unknown;
    readonly snapshot: unknown;
  }[] = [];
  readonly events: SluiceEvent[] = [];

  readonly #channels: ScriptedChannel[];
  readonly #providers: readonly ScriptedProvider[];
  readonly #senders = new Map<number, AbortController>();

  constructor(seed: number) {
    const { clock } = this;
    const random = seededRandom(seed);
    this.#providers = PROVIDERS.map((name) => new ScriptedProvider({ clock, name }));
    const [main, spare] = this.#providers as [ScriptedProvider, ScriptedProvider];
    const clients = new ClientPool({
      clock,
      random,
      providers: {
        main: { provider: main, maxSize: 2, minIdle: 1, maxWaiters: 2 },
        spare: { provider: spare, maxSize: 1, minIdle: 0 },
      },
      defaults: {
        acquireTimeoutMs: 100,
        idleTimeoutMs: 5_000,
        maxLifetimeMs: 15_000,
        checkIntervalMs: 1_000,
      },
      timeouts: { firstByteMs: 200, firstContentMs: 200, idleMs: 200 },
      circuit: { minCalls: 2, windowMs: 1_000, openMs: 100, maxOpenMs: 400 },
    });
    this.#channels = [
      new ScriptedChannel({ capabilities: { streaming: true, overlap: true } }),
      new ScriptedChannel({ source: 'pull', capabilities: { ack: true } }),
    ];
    this.engine = createSluice({
      clients,
      channels: this.#channels.map((each, index) => ({
        id: CHANNELS[index] ?? '',
        channel: each,
        queue: { concurrency: 2, capacity: 2, overflow: index === 0 ? 'reject' : 'block' },
        restart: { intensity: 3, periodMs: 10_000, backoff: { baseMs: 50, capMs: 200 } },
        dedupe: { ttlMs: 1_000, maxSize: 10 },
      })),
      agents: [
        { name: 'atlas', instructions: '' },
        { name: 'spare', instructions: '', provider: 'spare' },
      ],
      routes: { rules: [{ kind: 'mention', agent: 'spare' }], fallback: 'atlas' },
      grant: COMMANDS,
      clock,
      random,
    });
    this.engine.events$.subscribe((event) => this.#fold(event));
    this.folded = this.engine.snapshot();
  }

  /** Lets one thing happen, and compares. */
  async run(one: Step): Promise<void> {
    await this.#do(one);
    this.compare(JSON.stringify(one));
  }

  /** Compares what the events say with what is so. */
  compare(after: string): void {
    const snapshot = this.engine.snapshot();
    if (snapshot.seq !== this.folded.seq) return; // events of this very step are still to be delivered
    const is = comparable(snapshot);
    const told = comparable(this.folded);
    if (is !== told) {
      this.differences.push({ after, fold: JSON.parse(told), snapshot: JSON.parse(is) });
    }
  }

  /** Ends it, whatever hangs. */
  async stop(): Promise<void> {
    const stopping = this.engine.stop({ deadlineMs: 100 });
    await this.clock.advance(2_000);
    await stopping;
    await this.clock.advance(2_000); // bodies that take their time to be cancelled
    this.compare('stop');
  }

  #fold(event: SluiceEvent): void {
    this.events.push(event);
    this.folded = applyEvent(this.folded, event);
    if (this.differences.length === 0) this.compare(`event ${event.type}`);
  }

  async #do(one: Step): Promise<void> {
    switch (one.kind) {
      case 'say':
        return this.#say(one);
      case 'script':
        return this.#providers[one.provider]?.script(one.reply);
      case 'leave':
        return this.#senders.get(one.id)?.abort(new Error('left'));
      case 'advance':
        return this.clock.advance(one.ms);
      case 'settle':
        for (let turn = 0; turn < one.turns; turn += 1) await Promise.resolve();
        return undefined;
      case 'end':
        return this.#end(one.channel, one.how);
      case 'command':
        await this.engine.execute(one.command);
        return undefined;
      case 'start':
        void this.engine.channels.start(CHANNELS[one.channel] ?? '').catch(() => undefined);
        return undefined;
      case 'setAgents':
        return this.#setAgents(one.count);
      case 'swap':
        return this.#swap(one.channel);
      case 'remove':
        if (!this.engine.clients.has(nameOf(one.provider))) return undefined;
        void this.engine.clients.remove(nameOf(one.provider), { deadlineMs: 100 });
        return undefined;
      case 'register':
        return this.#register(one.provider);
    }
  }

  #say({ channel: index, id, who }: Extract<Step, { kind: 'say' }>): void {
    const target = this.#channels[index];
    if (target === undefined || target.sessions.length === 0) return;
    const sender = new AbortController();
    this.#senders.set(id, sender);
    const text = id % 5 === 0 ? '@spare hello' : 'hello';
    target.say(`m${id}`, `room:${who}`, { text, signal: sender.signal });
  }

  #end(index: number, how: 'clean' | 'fault' | 'fatal'): void {
    const session = this.#channels[index]?.sessions.at(-1);
    session?.end(how === 'clean' ? { kind: how } : { kind: how, error: new Error('lost') });
  }

  #swap(index: number): void {
    const { engine } = this;
    const channel = new ScriptedChannel({ kind: 'swapped', capabilities: { overlap: true } });
    this.#channels[index] = channel;
    const id = CHANNELS[index] ?? '';
    void engine.channels
      .swap(id, { id, channel, metadata: { swapped: 'yes' } })
      .catch(() => undefined);
  }

  #register(index: number): void {
    const provider = this.#providers[index];
    const { clients } = this.engine;
    const isLeaving =
      this.folded.pools.some(({ name }) => name === nameOf(index)) && !clients.has(nameOf(index));
    if (provider === undefined || isLeaving) return;
    clients.register(nameOf(index), { provider, maxSize: 2, minIdle: 0 });
  }

  #setAgents(count: number): void {
    const agents = ['atlas', 'spare'].slice(0, count).map((name) => ({ name, instructions: '' }));
    const rules = [{ kind: 'mention', agent: 'atlas' }] as const;
    this.engine.setAgents({
      agents,
      routes: count === 1 ? { rules } : { rules, fallback: 'spare' },
    });
  }
}

function nameOf(provider: number): string {
  return PROVIDERS[provider] ?? '';
}

/** A snapshot as JSON with its keys in order, without the time at which it was taken. */
function comparable(snapshot: EngineSnapshot): string {
  return JSON.stringify({ ...snapshot, at: 0 }, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
