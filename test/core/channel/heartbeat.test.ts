import { Heartbeat } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';

function aHeart(answers: (beat: number) => boolean) {
  const clock = new VirtualClock();
  const seen = { beats: 0, zombies: 0 };
  const heart: Heartbeat = new Heartbeat({
    clock,
    intervalMs: 10_000,
    beat: () => {
      seen.beats += 1;
      if (answers(seen.beats)) heart.answered();
    },
    onZombie: () => {
      seen.zombies += 1;
    },
  });
  return { clock, seen, heart };
}

describe('a heartbeat', () => {
  it('beats for as long as it is answered, however quiet the connection is', async () => {
    const { clock, seen } = aHeart(() => true);

    await clock.advance(86_400_000);

    expect(seen).toEqual({ beats: 8_640, zombies: 0 });
  });

  it('tells within one interval that a beat was not answered, once', async () => {
    const { clock, seen } = aHeart((beat) => beat < 3);

    await clock.advance(40_000);
    expect(seen).toEqual({ beats: 3, zombies: 1 });
    await clock.advance(600_000);

    expect([seen.zombies, clock.pending]).toEqual([1, 0]);
  });

  it('asks again after the computer slept, instead of counting beats that nobody could answer', async () => {
    const { clock, seen } = aHeart((beat) => beat !== 2);
    await clock.advance(25_000);

    await clock.jump(3_600_000);
    expect(seen).toEqual({ beats: 3, zombies: 0 });
    await clock.advance(60_000);

    expect(seen.zombies).toBe(0);
  });

  it('ends when it is disposed of', async () => {
    const { clock, seen, heart } = aHeart(() => true);

    heart[Symbol.dispose]();
    await clock.advance(60_000);

    expect([seen.beats, clock.pending]).toEqual([0, 0]);
  });
});
