import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Marker,
  type MarkerLabel,
  placeLabels,
} from '../../../packages/dashboard/src/ui/painters/marker-labels.ts';
import { runs } from '../../support/tier.ts';

const WIDTH = 352;

it('sets each label beside its line where there is room', () => {
  expect(placeLabels(markersAt(50, 150, 260), WIDTH)).toEqual([
    { x: 53, text: 'p50', side: 'right' },
    { x: 153, text: 'p95', side: 'right' },
    { x: 263, text: 'p99', side: 'right' },
  ]);
});

it('names p95 together with p99 where the two are close, and all three where all are', () => {
  expect(textsOf(placeLabels(markersAt(200, 205, 210), WIDTH))).toEqual(['p50', 'p95 · p99']);
  expect(textsOf(placeLabels(markersAt(300, 303, 306), WIDTH))).toEqual(['p50 · p95 · p99']);
});

it('leaves no percentile unnamed, wherever they are, and covers no label with another', () => {
  const places = fc.array(fc.integer({ min: 0, max: WIDTH }), { minLength: 3, maxLength: 3 });

  fc.assert(
    fc.property(places, (unordered) => {
      const [a = 0, b = 0, c = 0] = unordered.toSorted((x, y) => x - y);
      const labels = placeLabels(markersAt(a, b, c), WIDTH);
      expect(textsOf(labels).join(' · ')).toBe('p50 · p95 · p99');
      const boxes = labels.map(boxOf);
      for (const { from, to } of boxes) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(WIDTH);
      }
      boxes.slice(1).forEach(({ from }, i) => expect(from).toBeGreaterThanOrEqual(boxes[i]!.to));
    }),
    { numRuns: runs(1_000, 10_000) },
  );
});

function markersAt(...places: readonly number[]): readonly Marker[] {
  return places.map((x, index) => ({ x, text: `p${[50, 95, 99][index]}`, length: 56 }));
}

function textsOf(labels: readonly MarkerLabel[]): readonly string[] {
  return labels.map(({ text }) => text);
}

function boxOf({ x, text, side }: MarkerLabel): { readonly from: number; readonly to: number } {
  const members = text.split(' · ').length;
  const length = 56 * members + 8 * (members - 1);
  return side === 'right' ? { from: x, to: x + length } : { from: x - length, to: x };
}
