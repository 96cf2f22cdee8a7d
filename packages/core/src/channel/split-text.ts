/** A line that opens or closes a fenced code block: up to three spaces, then the fence, then what language it is. */
const FENCE = /^ {0,3}(`{3,}(?!.*`)|~{3,})(.*)$/;

/** A fenced code block that is open. */
interface Fence {
  readonly marker: string;
  readonly info: string;
}

/**
 * Cuts a text into parts of at most `maxLength` UTF-16 units, at the end of a line or else of a word where there is one.
 * A fenced code block that a cut goes through is closed before it and opened again, with its language, behind it; but for
 * these fences the parts joined are the text. A character of two units is never cut in half.
 */
export function splitText(text: string, maxLength: number | undefined): readonly string[] {
  if (maxLength === undefined || text.length <= maxLength) return [text];
  const parts: string[] = [];
  let rest = text;
  let open: Fence | undefined;
  while (rest !== '') {
    if (open !== undefined && repairLength(open) > maxLength / 2) open = undefined; // no room to repair it
    const head = open === undefined ? '' : `${open.marker}${open.info}\n`;
    if (head.length + rest.length <= maxLength) {
      parts.push(head + rest);
      break;
    }
    const piece = cutOf(rest, open, maxLength - head.length);
    const after = fenceAfter(piece, open);
    parts.push(head + piece + closing(piece, after));
    rest = rest.slice(piece.length);
    open = after;
  }
  return parts;
}

/** The longest good beginning of `rest` that fits in `maxLength` together with what closes its fence. */
function cutOf(rest: string, open: Fence | undefined, maxLength: number): string {
  let room = maxLength;
  for (;;) {
    const piece = rest.slice(0, goodCut(rest, room));
    const length = piece.length + closing(piece, fenceAfter(piece, open)).length;
    if (length <= maxLength || room <= 1) return piece;
    room = Math.max(1, room - (length - maxLength));
  }
}

/** Where to cut within `room`: behind a line break or a space of the second half, else anywhere but inside a character. */
function goodCut(rest: string, room: number): number {
  const window = rest.slice(0, room);
  for (const mark of ['\n', ' ']) {
    const at = window.lastIndexOf(mark);
    if (at >= room / 2) return at + 1;
  }
  const isHighSurrogate = /[\uD800-\uDBFF]$/.test(window);
  return isHighSurrogate && room > 1 ? room - 1 : room;
}

function repairLength({ marker, info }: Fence): number {
  return 2 * marker.length + info.length + 2;
}

function closing(piece: string, fence: Fence | undefined): string {
  if (fence === undefined) return '';
  return piece.endsWith('\n') ? fence.marker : `\n${fence.marker}`;
}

/** Which fence is open behind `piece`, given the one that was open before it. */
function fenceAfter(piece: string, before: Fence | undefined): Fence | undefined {
  let open = before;
  for (const line of piece.split('\n')) {
    const [, marker, info] = FENCE.exec(line) ?? [];
    if (marker === undefined || info === undefined) continue;
    if (open === undefined) open = { marker, info };
    else if (closes(marker, info, open)) open = undefined;
  }
  return open;
}

function closes(marker: string, info: string, open: Fence): boolean {
  return marker[0] === open.marker[0] && marker.length >= open.marker.length && info.trim() === '';
}
