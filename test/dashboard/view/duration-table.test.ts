import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, emptyHistogram } from '../../../packages/dashboard/src/state/histogram.ts';
import { durationRows } from '../../../packages/dashboard/src/view/duration-table.ts';
import { runs } from '../../support/tier.ts';

it('writes durations as rows, from the first that has some to the last', () => {
  const rows = durationRows(histogramOf([4, 5, 50, 2_000]));

  expect(rows.map(({ range, count }) => [plain(range), count])).toEqual([
    ['3.0 ms to 10 ms', '2'],
    ['10 ms to 30 ms', '0'],
    ['30 ms to 100 ms', '1'],
    ['100 ms to 300 ms', '0'],
    ['300 ms to 1.0 s', '0'],
    ['1.0 s to 3.0 s', '1'],
  ]);
});

it('writes nothing of nothing', () => {
  expect(durationRows(emptyHistogram())).toEqual([]);
});

it('counts every duration in one row', () => {
  const durations = fc.array(fc.double({ min: 0, max: 500_000, noNaN: true }), { maxLength: 50 });

  fc.assert(
    fc.property(durations, (all) => {
      const total = durationRows(histogramOf(all)).reduce((sum, row) => sum + Number(row.count), 0);
      expect(total).toBe(all.length);
    }),
    { numRuns: runs(500, 5_000) },
  );
});

function histogramOf(durations: readonly number[]): Uint32Array {
  const histogram = emptyHistogram();
  for (const ms of durations) histogram[bucketOf(ms)] = (histogram[bucketOf(ms)] ?? 0) + 1;
  return histogram;
}

function plain(text: string): string {
  return text.replaceAll('\u00A0', ' ');
}
