import type { Feed } from '../state/feed.ts';
import { KEPT_SECONDS } from '../state/time-rings.ts';

/** A restart or a failure on the tide line. */
export interface TideMark {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly look: 'restart' | 'hand' | 'failed';
}

/** How much time the tide line spans, in milliseconds: all that is kept. */
export const TIDE_SPAN_MS: number = KEPT_SECONDS * 1000;

/** Lists the restarts and failures of all channels, for the tide line. */
export function tideMarks({ fold }: Feed): readonly TideMark[] {
  const marks: TideMark[] = [];
  for (const { series } of fold.channels.values()) {
    for (const { at, by, gaveUp } of series.ribbon.marks) {
      if (gaveUp) continue; // the failure itself is drawn
      marks.push({ at, look: by === 'hand' ? 'hand' : 'restart' });
    }
    for (const { status, from } of series.ribbon.segments) {
      if (status === 'failed') marks.push({ at: from, look: 'failed' });
    }
  }
  return marks;
}
