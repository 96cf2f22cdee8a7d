/** A vertical line that wants a label, and how wide that is. In CSS pixels. */
export interface Marker {
  readonly x: number;
  readonly text: string;
  readonly length: number;
}

/** A label that has its place: it begins at `x`, or ends there. */
export interface MarkerLabel {
  readonly x: number;
  readonly text: string;
  readonly side: 'left' | 'right';
}

/** Lines that share one label: the number of markers in each group, the kindest way first. */
const GROUPINGS = [[1, 1, 1], [1, 2], [2, 1], [3]] as const;
const BETWEEN = ' · ';
/** How wide what stands between two shared labels is. */
const BETWEEN_LENGTH = 8;
/** How far a label stands from its line. */
const DISTANCE = 3;

interface Group extends Marker {
  readonly first: number;
  readonly last: number;
}

interface Box {
  readonly from: number;
  readonly to: number;
  readonly label: MarkerLabel;
}

/**
 * Finds a place for the labels of three lines, from left to right: beside its own line where there is room, else together
 * with its neighbour's. No label covers another, or a line that is not its own.
 */
export function placeLabels(markers: readonly Marker[], width: number): readonly MarkerLabel[] {
  for (const sizes of GROUPINGS) {
    const groups = grouped(markers, sizes);
    const boxes = placed(groups, width);
    if (boxes !== undefined) return boxes.map(({ label }) => label);
  }
  return grouped(markers, [markers.length]).map((all) => acrossLines(all, width));
}

/** Where nothing else is left, one label stands across the lines that it names. */
function acrossLines({ x, text, length }: Group, width: number): MarkerLabel {
  return { x: Math.max(0, Math.min(x, width - length)), text, side: 'right' };
}

function grouped(markers: readonly Marker[], sizes: readonly number[]): readonly Group[] {
  let begin = 0;
  return sizes.map((size) => {
    const members = markers.slice(begin, (begin += size));
    const first = members[0]?.x ?? 0;
    const last = members.at(-1)?.x ?? first;
    const between = BETWEEN_LENGTH * (members.length - 1);
    const length = members.reduce((sum, marker) => sum + marker.length, between);
    return { x: first, first, last, text: members.map(({ text }) => text).join(BETWEEN), length };
  });
}

/** Puts each group on the right of its lines if it can, else on the left; undefined when one has no room. */
function placed(groups: readonly Group[], width: number): readonly Box[] | undefined {
  const boxes: Box[] = [];
  for (const [index, { first, last, text, length }] of groups.entries()) {
    const from = Math.max(groups[index - 1]?.last ?? 0, boxes.at(-1)?.to ?? 0);
    const to = groups[index + 1]?.first ?? width;
    if (last + DISTANCE + length <= to && last >= from) {
      const label = { x: last + DISTANCE, text, side: 'right' } as const;
      boxes.push({ from: last, to: last + DISTANCE + length, label });
    } else if (first - DISTANCE - length >= from) {
      const label = { x: first - DISTANCE, text, side: 'left' } as const;
      boxes.push({ from: first - length, to: last, label });
    } else return undefined;
  }
  return boxes;
}
