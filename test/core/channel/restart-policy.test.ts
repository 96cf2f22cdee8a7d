import { ChannelFailedError, seededRandom } from '@sluice/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRestart } from '../../../packages/core/src/channel/restart-policy.ts';
import { CHANNEL_DEFAULTS } from '../../../packages/core/src/channel/options.ts';
import { aChannel, steadyBackoff, failureOf } from './a-channel.ts';

const failing = (count: number, error: unknown = new Error('refused')) =>
  Array.from({ length: count }, () => ({ kind: 'fail', error }) as const);

const waitsOf = (events: readonly { readonly type: string }[]) =>
  events.flatMap((event) =>
    event.type === 'channel.restarting' && 'delayMs' in event ? [event.delayMs] : [],
  );

describe('the restart policy', () => {
  it('waits 1, 2, 4, 8, 16 and 30 seconds when connecting fails six times', async () => {
    const { manager, events, states, clock } = aChannel({
      script: { opens: failing(6) },
      definition: { restart: { backoff: steadyBackoff } },
    });
    const started = manager.start();

    await clock.advance(61_000);
    await started;

    expect(waitsOf(events)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
    expect(states.at(-1)).toBe('running');
  });

  it('draws each wait from the whole of it, and two channels do not coincide', () => {
    const { restart } = CHANNEL_DEFAULTS;
    const fault = { kind: 'fault', cause: 'fault' } as const;
    const waits = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 8 }, (_, attempt) => {
        const roll = random.next();
        const decision = decideRestart(restart, fault, { attempt, restarts: [], now: 0, roll });
        return decision.kind === 'restart' ? decision.delayMs : -1;
      });
    };

    const [one, other] = [waits(1), waits(2)];

    for (const wait of [...one, ...other]) expect(wait).toBeGreaterThanOrEqual(0);
    one.forEach((wait, attempt) =>
      expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** attempt)),
    );
    expect(one.filter((wait) => other.includes(wait))).toEqual([]);
  });

  it('gives up when one restart too many is due within the period', async () => {
    const { manager, states, events, clock } = aChannel({
      script: { opens: failing(4) },
      definition: { restart: { intensity: 3, periodMs: 60_000, backoff: steadyBackoff } },
    });
    const started = failureOf(manager.start('c'));

    await clock.advance(60_000);
    await started;
    expect(await started).toSatisfy(ChannelFailedError.is);

    expect(states.at(-1)).toBe('failed');
    expect(manager.state('c')).toMatchObject({ reason: 'intensity' });
    const gaveUp = events.filter(({ type }) => type === 'channel.gaveUp');
    expect(gaveUp).toMatchObject([{ cause: 'intensity', error: { message: 'refused' } }]);
    expect(clock.pending).toBe(0);
  });

  it('no longer counts restarts that are older than the period', async () => {
    const { manager, channel, states, clock } = aChannel({
      definition: {
        restart: { intensity: 2, periodMs: 10_000, backoff: { ...steadyBackoff, factor: 1 } },
      },
    });
    await manager.start();

    for (let time = 0; time < 6; time += 1) {
      channel.session.end({ kind: 'fault', error: new Error('reset') });
      await clock.advance(6_000);
    }

    expect(states.at(-1)).toBe('running');
    expect(states).not.toContain('failed');
  });

  it('begins the backoff anew after a connection that stayed up, not after one that died early', async () => {
    const { manager, channel, events, clock } = aChannel({
      definition: { restart: { stableAfterMs: 20_000, backoff: steadyBackoff } },
    });
    const breakAfter = async (ms: number) => {
      await clock.advance(ms);
      channel.session.end({ kind: 'fault', error: new Error('reset') });
      await clock.advance(40_000);
    };
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(1_000);
    channel.session.end({ kind: 'fault', error: new Error('reset') });
    await clock.advance(2_000);
    await breakAfter(20_000);

    expect(waitsOf(events)).toEqual([1_000, 2_000, 1_000]);
  });

  it('waits at least as long as the server asks, and chance only adds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.nat(120_000),
        fc.nat(12),
        (roll, retryAfterMs, attempt) => {
          const ending = { kind: 'fault', cause: 'fault', retryAfterMs } as const;

          const decision = decideRestart(CHANNEL_DEFAULTS.restart, ending, {
            attempt,
            restarts: [],
            now: 0,
            roll,
          });

          expect(decision).toMatchObject({ kind: 'restart' });
          if (decision.kind === 'restart') {
            expect(decision.delayMs).toBeGreaterThanOrEqual(retryAfterMs);
          }
        },
      ),
    );
  });

  it('follows the hint of a connection that ended with one', async () => {
    const { manager, channel, events, clock } = aChannel({
      definition: { restart: { backoff: steadyBackoff } },
    });
    await manager.start();

    channel.session.end({ kind: 'fault', error: new Error('429'), retryAfterMs: 45_000 });
    await clock.settle();

    expect(waitsOf(events)).toEqual([45_000]);
  });

  it('begins a new window when a failed channel is started, or told to try now', async () => {
    const { manager, channel, clock } = aChannel({
      script: { opens: failing(3) },
      definition: { restart: { intensity: 1, backoff: steadyBackoff } },
    });
    await Promise.all([expect(manager.start()).rejects.toThrow(/given up/), clock.advance(5_000)]);
    channel.nextOpen({ kind: 'ok' });

    const started = manager.start();
    await clock.advance(5_000);
    await started;
    channel.session.end({ kind: 'fatal', error: new Error('kicked') });
    await clock.settle();
    expect(manager.state('c').status).toBe('failed');
    await manager.retryNow('c');

    expect(manager.snapshot()[0]).toMatchObject({ state: 'running', restartsInWindow: 0 });
  });

  it('tries at once when it is told to in backoff', async () => {
    const { manager, states, clock } = aChannel({ script: { opens: failing(1) } });
    void manager.start();
    await clock.settle();
    expect(states.at(-1)).toBe('backoff');

    await manager.retryNow('c');

    expect(states.at(-1)).toBe('running');
    expect(clock.pending).toBe(0);
  });

  it('lets the user say which errors are fatal', async () => {
    const { manager, states } = aChannel({
      script: { opens: failing(1, new Error('banned')) },
      definition: {
        restart: { classify: (error) => (String(error).includes('banned') ? 'fatal' : 'retry') },
      },
    });

    await expect(manager.start('c')).rejects.toThrow('banned');

    expect(states.at(-1)).toBe('failed');
  });

  it.each([
    [{ retryAfterMs: 7_000 }, 7_000],
    [{ retryAfterMs: Number.NaN }, 1_000],
    [{ retryAfterMs: Infinity }, 1_000],
  ])('lets the user say when to try again: %j', async (meaning, delayMs) => {
    const { manager, clock, states } = aChannel({
      script: { opens: failing(1, new Error('come back later')) },
      definition: { restart: { backoff: steadyBackoff, classify: () => meaning } },
    });
    const started = manager.start('c');

    await clock.advance(delayMs - 1);
    const before = states.at(-1);
    await clock.advance(1);
    await started;

    expect([before, states.at(-1)]).toEqual(['backoff', 'running']);
  });
});
