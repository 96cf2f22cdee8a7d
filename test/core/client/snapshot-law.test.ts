import { isDeepStrictEqual } from 'node:util';
import { ClientPool, type ClientPoolEvent, seededRandom } from '@sluice/core';
import { applyEvent, type EngineSnapshot } from '@sluice/core/events';
import { ScriptedProvider, type ScriptedReply, VirtualClock } from '@sluice/core/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toError } from '../../../packages/core/src/base/errors.ts';
import { runs } from '../../support/tier.ts';
import { REQUEST } from './support.ts';

/** What is done beside calls and waiting. */
const DEEDS = [
  'get',
  'release',
  'leave',
  'abort',
  'fault',
  'unfault',
  'remove',
  'register',
  'suspend',
  'resume',
  'resize',
  'drain',
  'revoke',
  'trip',
  'reset',
] as const;

/** One thing that is done to a client pool. */
type Step =
  | {
      readonly kind: 'call';
      readonly reply: ScriptedReply;
      readonly provider?: string;
      readonly model?: string;
    }
  | { readonly kind: (typeof DEEDS)[number] }
  | { readonly kind: 'pass'; readonly ms: number };

const reply = fc.record({
  pieces: fc.constantFrom([], ['one'], ['one', ' two']),
  headersMs: fc.constantFrom(0, 30, 400),
  pieceMs: fc.constantFrom(0, 200),
  cancelMs: fc.constantFrom(0, 50, 500),
  end: fc.oneof(
    fc.record({
      kind: fc.constantFrom('done', 'cut', 'reset', 'malformed', 'error', 'stall', 'hang'),
    }),
    fc.record({
      kind: fc.constant('status' as const),
      status: fc.constantFrom(400, 401, 429, 500, 503),
      retryAfterMs: fc.constantFrom(undefined, 100, 5_000, 90_000),
    }),
  ),
}) as fc.Arbitrary<ScriptedReply>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('call' as const), reply }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      reply,
      provider: fc.constantFrom('a', 'b'),
      model: fc.constantFrom('m-1', 'm-2'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(...DEEDS),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 20, 300, 5_000, 40_000),
    }),
  },
);

const DONE: ScriptedReply = { pieces: [], end: { kind: 'done' } };

/** Two callers wait for a target that rests; moving the first one to another served the second one on the way. */
const MOVED_WHILE_SERVED: Step[] = [
  { kind: 'call', reply: { pieces: [], end: { kind: 'status', status: 429 } } },
  { kind: 'pass', ms: 0 },
  { kind: 'call', reply: DONE },
  { kind: 'call', reply: DONE },
  { kind: 'pass', ms: 40_000 },
];

describe('whatever happens in a client pool', () => {
  it('its events fold into its snapshot, its counts add up, and nothing is left at the end', async () => {
    const law = fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.nat(),
      async (steps, seed) => {
        const history = new History(seed);
        for (const each of steps) await history.take(each);
        await history.end();
      },
    );

    await fc.assert(law, {
      numRuns: runs(300, 5_000),
      examples: [[MOVED_WHILE_SERVED, 1_441_647_735]],
    });
  }, 120_000);
});

/** A client pool that is folded from its events, beside itself. */
class History {
  readonly #clock = new VirtualClock();
  readonly #clients: ClientPool;
  readonly #providers: readonly ScriptedProvider[];
  readonly #calls: { controller: AbortController; leave: () => void }[] = [];
  readonly #leases: (() => void)[] = [];
  readonly #endings: Promise<unknown>[] = [];
  #folded: EngineSnapshot;
  #failure: unknown;

  constructor(seed: number) {
    const clock = this.#clock;
    this.#providers = ['a', 'b'].map(
      (name) => new ScriptedProvider({ clock, name, model: `${name}-1` }),
    );
    this.#clients = new ClientPool({
      clock,
      random: seededRandom(seed),
      balancer: (['failover', 'round-robin', 'least-loaded', 'power-of-two'] as const)[seed % 4],
      defaults: { maxSize: 2, minIdle: 1, maxWaiters: 3 },
      circuit: { minCalls: 3, openMs: 2_000 },
    });
    this.#clients.events$.subscribe((event) => this.#fold(event));
    this.#folded = this.#snapshot();
    for (const provider of this.#providers) this.#clients.register(provider.name, provider);
  }

  async take(step: Step): Promise<void> {
    const clients = this.#clients;
    switch (step.kind) {
      case 'call':
        this.#call(step);
        break;
      case 'get':
        this.#endings.push(
          clients.get('a').then((lease) => this.#leases.push(() => lease.release()), ignore),
        );
        break;
      case 'release':
        this.#leases.shift()?.();
        break;
      case 'leave':
        this.#calls.shift()?.leave();
        break;
      case 'abort':
        this.#calls.shift()?.controller.abort(new Error('left'));
        break;
      case 'fault':
        clients.faults.add({ pool: 'b', kind: 'status', every: 2, forMs: 1_000, by: 'ann' });
        break;
      case 'unfault':
        clients.faults.remove(clients.faults.list()[0]?.fault ?? 'none', 'ann');
        break;
      case 'remove':
        if (clients.has('b')) this.#endings.push(clients.remove('b', { deadlineMs: 300 }));
        break;
      case 'register':
        this.#register('b');
        break;
      case 'suspend':
        clients.operator.suspend('a');
        break;
      case 'resume':
        clients.operator.resume('a');
        break;
      case 'resize':
        clients.operator.resize('a', 1 + (clients.calls.started % 2));
        break;
      case 'drain':
        this.#endings.push(clients.operator.drain('b', 200));
        break;
      case 'revoke':
        clients.operator.revoke('a', clients.snapshot().pools[0]?.stats.totalAcquired ?? 0);
        break;
      case 'trip':
        clients.operator.trip('a/a-1');
        break;
      case 'reset':
        clients.operator.reset('a/a-1');
        break;
      case 'pass':
        await this.#clock.advance(step.ms);
        break;
    }
    this.#check();
  }

  async end(): Promise<void> {
    for (const { leave } of this.#calls) leave();
    for (const release of this.#leases.splice(0)) release();
    await this.#clock.advance(60_000);
    const closed = this.#clients.close();
    await this.#clock.advance(60_000);
    await Promise.all([closed, ...this.#endings]);
    for (const release of this.#leases.splice(0)) release();
    await this.#clock.advance(10_000);
    this.#check();
    for (const { stats } of this.#clients.snapshot().pools) {
      expect(stats).toMatchObject({ size: 0, inUse: 0, waiting: 0 });
    }
    expect(this.#clock.pending).toBe(0);
    for (const provider of this.#providers) {
      expect(provider.open).toBe(0);
      expect(provider.closed).toBe(provider.created);
    }
  }

  #register(name: string): void {
    const known = this.#clients.snapshot().pools.find((pool) => pool.name === name);
    if (known !== undefined && known.status !== 'closed') return;
    this.#clients.register(name, this.#providers[1] as ScriptedProvider);
  }

  #call({ reply: scripted, provider, model }: Extract<Step, { kind: 'call' }>): void {
    const asked = this.#providers.filter(({ name }) => provider === undefined || provider === name);
    for (const each of asked) each.script(scripted);
    if (provider !== undefined && !this.#clients.has(provider)) return;
    const controller = new AbortController();
    const { signal } = controller;
    const options = provider === undefined ? { signal } : { signal, provider };
    const stream = this.#clients.stream(
      model === undefined ? REQUEST : { ...REQUEST, model },
      options,
    );
    const subscription = stream.subscribe({ error: ignore });
    this.#calls.push({ controller, leave: () => subscription.unsubscribe() });
  }

  /** Folds an event as it comes: what it tells must be true at that very moment, also inside the event. */
  #fold(event: ClientPoolEvent): void {
    this.#folded = applyEvent(this.#folded, event);
    if (event.seq !== this.#clients.bus.position.seq) return; // more has happened that is not told yet
    try {
      this.#check();
    } catch (failure) {
      this.#failure ??= failure; // what an observer throws goes no further
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw toError(this.#failure);
    const real = this.#snapshot();
    const folded = { ...this.#folded, at: real.at };
    if (!isDeepStrictEqual(folded, real)) expect(folded).toEqual(real); // the slow way tells the difference
    for (const { stats } of real.pools) {
      const { size, idle, inUse, creating, checking, destroying } = stats;
      expect(idle + inUse + creating + checking + destroying).toBe(size);
      expect(size).toBeLessThanOrEqual(2); // also while it shrinks to one
      expect(stats.totalAcquired).toBe(stats.totalReleased + stats.totalDetached + inUse);
    }
    for (const provider of this.#providers) {
      expect(provider.open).toBeLessThanOrEqual(4); // two pools of two, while one is replaced by another
    }
  }

  #snapshot(): EngineSnapshot {
    const { epoch, seq } = this.#clients.bus.position;
    const { pools, targets, faults } = this.#clients.snapshot();
    const { started, failed } = this.#clients.calls;
    return {
      epoch,
      seq,
      at: this.#clock.timestamp(),
      codec: '1.0',
      name: 'test',
      environment: 'test',
      startedAt: 0,
      pools,
      targets,
      channels: [],
      runs: [],
      routes: [],
      faults,
      counters: {
        'calls.started': started,
        'calls.failed': failed,
        'messages.received': 0,
        'messages.replied': 0,
        'messages.deadLettered': 0,
      },
      capabilities: [],
    };
  }
}

function ignore(): void {}
