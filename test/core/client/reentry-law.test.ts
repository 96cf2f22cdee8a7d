import { ClientPool, type ClientPoolEvent, type Lease, seededRandom } from '@sluice/core';
import { ScriptedProvider, type ScriptedReply, VirtualClock } from '@sluice/core/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../support/tier.ts';
import { REQUEST } from './support.ts';

/** What a subscriber may do from inside an event. */
const DEEDS = [
  'throw',
  'join',
  'take',
  'give back',
  'ask',
  'leave',
  'unsubscribe',
  'close',
] as const;

type Deed = (typeof DEEDS)[number];

const replies: readonly ScriptedReply[] = [
  { pieces: ['a', 'b'] },
  { pieces: ['a', 'b'], headersMs: 30, pieceMs: 5 },
  { end: { kind: 'hang' } },
  { pieces: ['a'], end: { kind: 'reset' } },
  { end: { kind: 'status', status: 503 } },
];

describe('a subscriber to a client pool', () => {
  it('that throws or calls back from inside any event harms nobody else, and loses nothing', async () => {
    const law = fc.asyncProperty(
      fc.array(fc.constantFrom(...DEEDS), { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(fc.constantFrom(...replies), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      async (deeds, answers, seed) => new Meddled(deeds, answers, seed).live(),
    );

    await fc.assert(law, { numRuns: runs(300, 5_000) });
  }, 120_000);

  it('that only throws or reads changes no answer, no event and no count', async () => {
    const law = fc.asyncProperty(
      fc.array(fc.constantFrom(...replies), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      async (answers, seed) => {
        const alone = await lived(answers, seed, () => undefined);
        const meddled = await lived(answers, seed, (clients) => {
          clients.snapshot();
          clients.stats();
          throw new Error('observer');
        });

        expect(meddled).toEqual(alone);
      },
    );

    await fc.assert(law, { numRuns: runs(100, 2_000) });
  }, 120_000);
});

/** A client pool with a witness, and a meddler that does its next deed at each event. */
class Meddled {
  readonly #clock = new VirtualClock();
  readonly #provider: ScriptedProvider;
  readonly #clients: ClientPool;
  readonly #deeds: Deed[];
  readonly #leases: Lease<unknown>[] = [];
  readonly #leavers: (() => void)[] = [];
  readonly #settlements: number[] = [];
  readonly #seen: ClientPoolEvent[] = [];
  readonly #answers: readonly ScriptedReply[];
  #mostInUse = 0;

  constructor(deeds: readonly Deed[], answers: readonly ScriptedReply[], seed: number) {
    const clock = this.#clock;
    this.#deeds = [...deeds];
    this.#answers = answers;
    this.#provider = new ScriptedProvider({ clock, name: 'a', model: 'a-1' });
    this.#provider.script(...answers);
    this.#clients = new ClientPool({
      clock,
      random: seededRandom(seed),
      providers: { a: { provider: this.#provider, maxSize: 2, minIdle: 0, acquireTimeoutMs: 500 } },
      timeouts: { firstByteMs: 200 },
      circuit: { minCalls: 1_000 },
    });
    this.#clients.events$.subscribe(() => this.#meddle());
    this.#clients.events$.subscribe((event) => this.#witness(event));
  }

  async live(): Promise<void> {
    for (const _ of this.#answers) this.#ask();
    await this.#clock.advance(10_000);
    while (this.#leases.length > 0) this.#leases.pop()?.release();
    await this.#clock.advance(10_000);
    this.#deeds.length = 0;
    const closed = this.#clients.close();
    await this.#clock.advance(10_000);
    await closed;
    while (this.#leases.length > 0) this.#leases.pop()?.release();

    expect(this.#settlements.every((count) => count === 1)).toBe(true);
    expect(this.#clients.stats()['a']).toMatchObject({ size: 0, inUse: 0, waiting: 0 });
    expect(this.#seen.map(({ seq }) => seq)).toEqual(this.#seen.map((_, index) => index + 1));
    expect(this.#mostInUse).toBeLessThanOrEqual(2);
    expect(this.#provider.open).toBe(0);
    expect(this.#provider.closed).toBe(this.#provider.created);
    expect(this.#clock.pending).toBe(0);
  }

  #witness(event: ClientPoolEvent): void {
    this.#mostInUse = Math.max(this.#mostInUse, this.#inUse());
    this.#seen.push(event);
  }

  #inUse(): number {
    return this.#clients.stats()['a']?.inUse ?? 0;
  }

  #meddle(): void {
    switch (this.#deeds.shift()) {
      case 'throw':
        throw new Error('observer');
      case 'join':
        this.#clients.events$.subscribe(() => {
          throw new Error('another observer');
        });
        break;
      case 'take':
        this.#take();
        break;
      case 'give back':
        this.#leases.pop()?.release();
        break;
      case 'ask':
        this.#ask();
        break;
      case 'leave':
        this.#leavers.shift()?.();
        break;
      case 'unsubscribe':
        this.#clients.events$.subscribe(() => undefined).unsubscribe();
        break;
      case 'close':
        if (this.#deeds.length % 4 === 0) void this.#clients.close({ deadlineMs: 20 });
        break;
      case undefined:
        break;
    }
  }

  /** What is asked from inside an event must be settled, once, like anything else. */
  #ask(): void {
    const at = this.#settlements.push(0) - 1;
    const settled = (): void => void (this.#settlements[at] = (this.#settlements[at] ?? 0) + 1);
    if (at % 3 === 0) {
      const subscription = this.#clients
        .stream(REQUEST)
        .subscribe({ error: settled, complete: settled });
      this.#leavers.push(() => {
        if (subscription.closed) return;
        subscription.unsubscribe();
        settled();
      });
      return;
    }
    void this.#clients.complete(REQUEST).then(settled, settled);
  }

  #take(): void {
    const at = this.#settlements.push(0) - 1;
    const settled = (): void => void (this.#settlements[at] = (this.#settlements[at] ?? 0) + 1);
    void this.#clients.get('a', { timeoutMs: 300 }).then((lease) => {
      this.#leases.push(lease);
      settled();
    }, settled);
  }
}

/** Lives through some calls beside a subscriber, and tells what everybody else saw of them. */
async function lived(
  answers: readonly ScriptedReply[],
  seed: number,
  subscriber: (clients: ClientPool) => void,
): Promise<unknown> {
  const clock = new VirtualClock();
  const provider = new ScriptedProvider({ clock, name: 'a', model: 'a-1' });
  provider.script(...answers);
  const clients = new ClientPool({
    clock,
    random: seededRandom(seed),
    providers: { a: { provider, maxSize: 2, minIdle: 0 } },
    timeouts: { firstByteMs: 200 },
  });
  const events: string[] = [];
  clients.events$.subscribe(() => subscriber(clients));
  clients.events$.subscribe(({ type, at }: { readonly type: string; readonly at: number }) => {
    if (type !== 'observer.failed') events.push(`${at} ${type}`); // the bus's own, which no pool declares
  });
  const calls = answers.map((_, at) =>
    clients.complete(REQUEST, { runId: `run-${at}` }).then(
      ({ text }) => text,
      (error: unknown) => String(error),
    ),
  );
  await clock.advance(60_000);
  const heard = await Promise.all(calls);
  const stats = clients.stats();
  const closed = clients.close();
  await clock.advance(1_000);
  await closed;
  return { heard, events, stats, timers: clock.pending };
}
