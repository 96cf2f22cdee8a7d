import { createParser } from 'eventsource-parser';
import { readBody, type ReadBodyOptions } from './body.ts';

/** Turns bytes into events, whatever the network cut them into. */
export interface SseReader {
  /** Reads the next bytes. Calls back synchronously, once for each event that they complete. */
  push(bytes: Uint8Array): void;
  /** Reads what is left at the end of the body: many servers leave out the blank line after their last event. */
  end(): void;
}

/** How events are read. */
export interface SseOptions {
  /** `name` is empty for events without one. */
  readonly onEvent: (name: string, data: string) => void;
  /** Makes the error of what is too long. */
  readonly fail: (kind: 'malformed', message: string) => Error;
}

/** The longest line, in UTF-16 units: 1 Mi. */
export const MAX_LINE_LENGTH = 1_048_576;
/** The longest event, in UTF-16 units: 4 Mi. */
export const MAX_EVENT_LENGTH = 4_194_304;

/**
 * Makes a reader of server-sent events: UTF-8, lines ended by LF, CRLF or CR, comments left out.
 *
 * Its methods throw what `fail` makes (`malformed`) when a line passes 1 Mi units or an event 4 Mi.
 */
export function createSseReader({ onEvent, fail }: SseOptions): SseReader {
  const decoder = new TextDecoder();
  let lineLength = 0;
  let isOverflown = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ event, data }) => onEvent(event ?? '', data),
    onError: ({ type }) => {
      isOverflown ||= type === 'max-buffer-size-exceeded';
    },
  });
  const feed = (text: string): void => {
    if (text === '') return;
    const { longest, open } = measureLines(text, lineLength);
    lineLength = open;
    if (longest > MAX_LINE_LENGTH) {
      throw fail('malformed', `A line of the stream is longer than ${MAX_LINE_LENGTH} characters`);
    }
    parser.feed(text);
    if (isOverflown) {
      throw fail('malformed', `An event is longer than ${MAX_EVENT_LENGTH} characters`);
    }
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`),
  };
}

/** Turns events into chunks: a provider's own part. Synchronous, and without any idea of a network. */
export interface Decoder<T> {
  /** Whether the answer is whole: nothing more is read. */
  readonly isDone: boolean;
  /** Reads one event. Throws what the event says, or that it makes no sense. */
  event(name: string, data: string, sink: (chunk: T) => void): void;
  /** Tells that no more events come. Throws when the answer is not whole. */
  end(sink: (chunk: T) => void): void;
}

/**
 * Reads an answer of events to its end: one batch for each piece of the network. What a piece held before it failed is
 * handed out before the failure.
 */
export async function* decodeEvents<T>(
  response: Response,
  decoder: Decoder<T>,
  options: ReadBodyOptions,
): AsyncGenerator<readonly T[], void> {
  let batch: T[] = [];
  const sink = (chunk: T): void => void batch.push(chunk);
  const reader = createSseReader({
    onEvent: (name, data) => decoder.event(name, data, sink),
    fail: options.fail,
  });
  for await (const bytes of readBody(response, options)) {
    const failure = failureOf(() => reader.push(bytes));
    if (batch.length > 0) yield batch;
    batch = [];
    if (failure !== undefined) throw failure.error;
    if (decoder.isDone) return; // some servers keep the connection open
  }
  const failure = failureOf(() => {
    reader.end();
    decoder.end(sink);
  });
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure.error;
}

function failureOf(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Walks over line ends only when a line might be too long, which is next to never. */
function measureLines(text: string, before: number): { longest: number; open: number } {
  const lastEnd = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  const open = lastEnd === -1 ? before + text.length : text.length - lastEnd - 1;
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
