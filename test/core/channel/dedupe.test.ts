import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { Dedupe } from '../../../packages/core/src/channel/dedupe.ts';

function aMemory(ttlMs = 60_000, maxSize = 100) {
  const clock = new VirtualClock();
  return { clock, dedupe: new Dedupe<string>(clock, () => ({ ttlMs, maxSize })) };
}

describe('the memory of what was seen', () => {
  it('knows what runs and what was handled', () => {
    const { dedupe } = aMemory();
    expect(dedupe.seen('1')).toBeUndefined();

    dedupe.claim('1', 'run');
    expect(dedupe.seen('1')).toEqual({ kind: 'running', value: 'run' });
    dedupe.commit('1');

    expect(dedupe.seen('1')).toEqual({ kind: 'handled', value: 'run' });
  });

  it('forgets after its time', async () => {
    const { dedupe, clock } = aMemory();
    dedupe.claim('1', 'run');
    dedupe.commit('1');

    await clock.advance(60_000);

    expect([dedupe.seen('1'), dedupe.size]).toEqual([undefined, 0]);
  });

  it('counts the attempts at what was given back', () => {
    const { dedupe } = aMemory();

    const attempts = [1, 2, 3].map(() => {
      const attempt = dedupe.claim('1', 'run');
      dedupe.release('1', attempt);
      return attempt;
    });

    expect(attempts).toEqual([1, 2, 3]);
  });

  it('never holds more than it may, and forgets the oldest handled first', () => {
    const { dedupe } = aMemory(60_000, 100);
    dedupe.claim('runs', 'run');

    for (let i = 0; i < 10_000; i += 1) {
      dedupe.claim(`m${i}`, 'run');
      if (i % 3 === 0) dedupe.release(`m${i}`, 1);
      else dedupe.commit(`m${i}`);
      expect(dedupe.size).toBeLessThanOrEqual(100);
    }

    expect(dedupe.seen('runs')?.kind).toBe('running');
    expect(dedupe.seen('m9998')?.kind).toBe('handled');
  });
});
