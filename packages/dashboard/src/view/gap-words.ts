import type { Gap } from '../state/gaps.ts';
import { clockTime, plural } from './format.ts';

/** How many gaps are named; of more, the latest. */
const NAMED = 3;

/** Says what is hatched in a stretch, `from` and `to` in epoch milliseconds, to stand behind a sentence; empty when nothing is. */
export function gapWords(gaps: readonly Gap[], from: number, to: number): string {
  const shown = gaps.filter((gap) => gap.to > from && gap.from < to);
  const named = shown.slice(-NAMED).map(wordsOf);
  const more = shown.length - named.length;
  return [...named, ...(more > 0 ? [`and ${plural(more, 'gap')} before`] : [])]
    .map((words) => `, ${words}`)
    .join('');
}

function wordsOf({ from, to, lost }: Gap): string {
  const time = `no data from ${clockTime(from)} to ${clockTime(to)}`;
  return lost === undefined || lost === 0 ? time : `${time} (${plural(lost, 'event')} lost)`;
}
