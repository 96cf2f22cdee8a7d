import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewaySessions } from '../../../packages/adapters/src/gateway/sessions.ts';
import { runs } from '../../support/tier.ts';

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
          const sessions = new GatewaySessions(limit);
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
    const sessions = new GatewaySessions(10);
    const { id } = sessions.create('ann');

    expect(sessions.find(id, 'bob')).toBeUndefined();
    expect(sessions.find(id, undefined)).toBeUndefined();
    expect(sessions.find(id, 'ann')?.id).toBe(id);
  });

  it('have ids that nobody guesses and every client may send', () => {
    const sessions = new GatewaySessions(1_000);

    const ids = Array.from({ length: 1_000 }, () => sessions.create(undefined).id);

    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^[A-Za-z0-9_-]{32}$/.test(id))).toBe(true);
  });
});
