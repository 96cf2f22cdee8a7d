import { VirtualClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewaySessions } from '../../../packages/adapters/src/gateway/sessions.ts';
import { runs } from '../../support/tier.ts';

function aSessions(maxSessions: number): GatewaySessions {
  const log = { maxFrames: 10, maxBytes: 1_000, ttlMs: 1_000 };
  const clock = new VirtualClock();
  return new GatewaySessions({
    clock,
    log,
    maxSessions,
    maxReaders: 2,
    graceMs: 1_000,
    maxLogBytes: 10_000,
  });
}

describe('the sessions of a gateway', () => {
  it('are never more than their limit; the one unused for longest is forgotten first', () => {
    const step = fc.oneof(
      fc.constant({ type: 'create' as const }),
      fc.record({ type: fc.constant('find' as const), place: fc.nat(30) }),
    );

    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 80 }),
        (limit, steps) => {
          const sessions = aSessions(limit);
          const minted: string[] = [];
          let model: string[] = []; // the least recently used first
          for (const each of steps) {
            if (each.type === 'create') {
              const { id } = sessions.create(undefined);
              minted.push(id);
              model = [...model, id].slice(-limit);
            } else {
              const id = minted[each.place] ?? 'never-minted';
              expect(sessions.find(id, undefined)?.id).toBe(model.includes(id) ? id : undefined);
              if (model.includes(id)) model = [...model.filter((known) => known !== id), id];
            }
            expect(sessions.size).toBe(model.length);
          }
        },
      ),
      { numRuns: runs(200, 5_000) },
    );
  });

  it('belong to who began them', () => {
    const sessions = aSessions(10);
    const { id } = sessions.create('ann');

    expect(sessions.find(id, 'bob')).toBeUndefined();
    expect(sessions.find(id, undefined)).toBeUndefined();
    expect(sessions.find(id, 'ann')?.id).toBe(id);
  });

  it('have ids that nobody guesses and every client may send', () => {
    const sessions = aSessions(1_000);

    const ids = Array.from({ length: 1_000 }, () => sessions.create(undefined).id);

    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^[A-Za-z0-9_-]{32}$/.test(id))).toBe(true);
  });
});
