import { createParser } from 'eventsource-parser';
import { MAX_EVENT_LENGTH } from './bound.ts';
import type { EventReader, EventReaderOptions } from './decode.ts';

/** The longest line, in UTF-16 units: 1 Mi. */
export const MAX_LINE_LENGTH = 1_048_576;

/**
 * Makes a reader of server-sent events: UTF-8, lines ended by LF, CRLF or CR, comments left out. A line that begins as
 * JSON does, without `data:`, is where some servers tell of an error: it and all that follows is one event, at the end.
 *
 * Its methods throw what `fail` makes (`malformed`) when a line passes 1 Mi units or an event 4 Mi.
 */
export function createSseReader({ onEvent, fail }: EventReaderOptions): EventReader {
  const decoder = new TextDecoder();
  let lineLength = 0;
  let isAtLineStart = true;
  let isOverflown = false;
  let bare: string | undefined;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ event, data }) => onEvent(event ?? '', data),
    onError: ({ type }) => {
      isOverflown ||= type === 'max-buffer-size-exceeded';
    },
  });
  const parse = (text: string): void => {
    const { longest, open } = measureLines(text, lineLength);
    lineLength = open;
    if (longest > MAX_LINE_LENGTH) {
      throw fail('malformed', `A line of the stream is longer than ${MAX_LINE_LENGTH} characters`);
    }
    parser.feed(text);
    if (isOverflown) throw tooLong();
  };
  const collect = (text: string): void => {
    bare = (bare ?? '') + text;
    if (bare.length > MAX_EVENT_LENGTH) throw tooLong();
  };
  const tooLong = (): Error =>
    fail('malformed', `An event is longer than ${MAX_EVENT_LENGTH} characters`);
  const feed = (text: string): void => {
    if (text === '') return;
    if (bare !== undefined) {
      collect(text);
      return;
    }
    const start = bareStart(text, isAtLineStart);
    isAtLineStart = text.endsWith('\n');
    parse(text.slice(0, start));
    if (start < text.length) collect(text.slice(start));
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => {
      feed(decoder.decode());
      parse('\n\n');
      if (bare !== undefined) onEvent('', bare.trim());
    },
  };
}

/** Where a line begins with a bracket or a brace, which no field of an event does; at the end of the text when none does. */
function bareStart(text: string, isAtLineStart: boolean): number {
  if (isAtLineStart && isOpening(text[0])) return 0;
  const brace = text.indexOf('\n{') + 1; // 0 for none: a position behind a line feed is never 0
  const bracket = text.indexOf('\n[') + 1;
  return Math.min(brace || text.length, bracket || text.length);
}

function isOpening(character: string | undefined): boolean {
  return character === '{' || character === '[';
}

/** Walks over line ends only when a line might be too long, which is next to never. */
function measureLines(text: string, before: number): { longest: number; open: number } {
  // Carriage returns only behind the last line feed: nearly no text has one, and to search all of it takes its time.
  const tail = text.slice(text.lastIndexOf('\n') + 1);
  const rest = tail.slice(tail.lastIndexOf('\r') + 1);
  const open = rest.length === text.length ? before + rest.length : rest.length;
  if (before + text.length <= MAX_LINE_LENGTH) return { longest: before + text.length, open };
  let longest = 0;
  let length = before;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    length = unit === 10 || unit === 13 ? 0 : length + 1;
    longest = Math.max(longest, length);
  }
  return { longest, open };
}
