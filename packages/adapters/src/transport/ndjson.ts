import { MAX_EVENT_LENGTH } from './bound.ts';
import type { EventReader, EventReaderOptions } from './decode.ts';

/**
 * Makes a reader of lines of JSON: UTF-8, each line ended by LF or CRLF, empty ones left out, the last one with or
 * without its end.
 *
 * Its methods throw what `fail` makes (`malformed`) when a line passes 4 Mi UTF-16 units.
 */
export function createLineReader({ onEvent, fail }: EventReaderOptions): EventReader {
  const decoder = new TextDecoder();
  /** The pieces of the line that has not ended: joined once, so that a long line costs linear time. */
  const open: string[] = [];
  let openLength = 0;
  const take = (piece: string): void => {
    openLength += piece.length;
    if (openLength > MAX_EVENT_LENGTH) {
      throw fail('malformed', `A line of the stream is longer than ${MAX_EVENT_LENGTH} characters`);
    }
    open.push(piece);
  };
  const finish = (): void => {
    const [first = ''] = open; // most lines come in one piece
    const line = (open.length > 1 ? open.join('') : first).trim();
    open.length = 0;
    openLength = 0;
    if (line !== '') onEvent('', line);
  };
  const feed = (text: string): void => {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      take(text.slice(start, end));
      start = end + 1;
      finish();
    }
    if (start < text.length) take(text.slice(start));
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => {
      feed(decoder.decode());
      finish();
    },
  };
}
