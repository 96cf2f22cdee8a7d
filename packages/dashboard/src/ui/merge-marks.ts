import type { MarkText } from '../view/channel-row.svelte.ts';

/** One or several restarts as one mark. */
export interface PlacedMark {
  /** Where it stands, 0 at the left end and 1 at the right. */
  readonly place: number;
  readonly look: MarkText['look'];
  readonly count: number;
  readonly text: string;
}

/** The span of a ribbon, in epoch milliseconds and CSS pixels. */
export interface RibbonSpan {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Marks closer than this would cover each other. */
const LEAST_DISTANCE = 8;

const SEVERITY: readonly MarkText['look'][] = ['restart', 'hand', 'gaveUp'];

/** Places marks along a ribbon; those closer than 8 px become one that says how many. */
export function mergeMarks(
  marks: readonly MarkText[],
  { from, to, width }: RibbonSpan,
): readonly PlacedMark[] {
  const placed: PlacedMark[] = [];
  for (const { at, look, text } of marks) {
    const place = Math.min(1, Math.max(0, (at - from) / (to - from)));
    const last = placed.at(-1);
    if (last !== undefined && (place - last.place) * width < LEAST_DISTANCE) {
      const worse = SEVERITY.indexOf(look) > SEVERITY.indexOf(last.look) ? look : last.look;
      const merged = { ...last, look: worse, count: last.count + 1, text: `${last.text}\n${text}` };
      placed[placed.length - 1] = merged;
    } else placed.push({ place, look, count: 1, text });
  }
  return placed;
}
