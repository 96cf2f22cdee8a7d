import { messageId } from '../../../packages/core/src/base/id.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AckLedger } from '../../../packages/core/src/channel/ack-ledger.ts';
import { runs } from '../../support/tier.ts';

const ids = Array.from({ length: 12 }, (_, i) => messageId(`m${i}`));

describe('the ledger of acknowledgements', () => {
  it('acknowledges up to a message when it and all before it are settled, and each only once', () => {
    const order = fc.shuffledSubarray(ids, { minLength: ids.length });
    fc.assert(
      fc.property(order, (settledInTurn) => {
        const ledger = new AckLedger();
        for (const id of ids) ledger.arrive(id);
        const settled = new Set<string>();
        let acknowledged = 0;

        for (const id of settledInTurn) {
          settled.add(id);
          const last = ledger.settle(id);
          const contiguous = ids.findIndex((each) => !settled.has(each));
          const upTo = contiguous === -1 ? ids.length : contiguous;
          expect(last).toBe(upTo > acknowledged ? ids[upTo - 1] : undefined);
          acknowledged = upTo;
        }

        expect(acknowledged).toBe(ids.length);
      }),
      { numRuns: runs(300, 5_000) },
    );
  });

  it('knows nothing of what it was never told, and forgets all when it is cleared', () => {
    const ledger = new AckLedger();
    const [first, second, other] = ['1', '2', '3'].map(messageId);
    ledger.arrive(first!);
    ledger.arrive(second!);

    ledger.clear();

    expect([ledger.settle(first!), ledger.settle(other!)]).toEqual([undefined, undefined]);
  });
});
