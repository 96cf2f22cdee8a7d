import { readBody, type ReadBodyOptions } from './body.ts';
import type { Fail } from './failure.ts';

/** Turns bytes into events, whatever the network cut them into. */
export interface EventReader {
  /** Reads the next bytes. Calls back synchronously, once for each event that they complete. */
  push(bytes: Uint8Array): void;
  /** Reads what is left at the end of the body: many servers leave out what should follow their last event. */
  end(): void;
}

/** How events are read. */
export interface EventReaderOptions {
  /** `name` is empty for events without one. */
  readonly onEvent: (name: string, data: string) => void;
  /** Makes the error of what is too long. */
  readonly fail: (kind: 'malformed', message: string) => Error;
}

/** How a body is told apart into events: makes the reader of one body. */
export type Framing = (options: EventReaderOptions) => EventReader;

/** Turns events into chunks: a family's own part. Synchronous, and without any idea of a network. */
export interface Decoder<T> {
  /** Whether the answer is whole: nothing more is read. */
  readonly isDone: boolean;
  /** Reads one event. Throws what the event says, or that it makes no sense. */
  event(name: string, data: string, sink: (chunk: T) => void): void;
  /** Tells that no more events come. Throws when the answer is not whole. */
  end(sink: (chunk: T) => void): void;
}

/** How an answer is read. */
export interface DecodeOptions extends ReadBodyOptions {
  readonly framing: Framing;
  /** The content type to name when not a single event came. Default: that is the decoder's to judge. */
  readonly doubtfulType?: string | undefined;
}

/**
 * Reads an answer of events to its end: one batch for each piece of the network. What a piece held before it failed is
 * handed out before the failure.
 */
export async function* decodeEvents<T>(
  response: Response,
  decoder: Decoder<T>,
  options: DecodeOptions,
): AsyncGenerator<readonly T[], void> {
  const { fail, framing, provider, doubtfulType } = options;
  let batch: T[] = [];
  let isEmpty = true;
  const sink = (chunk: T): void => void batch.push(chunk);
  const onEvent = (name: string, data: string): void => {
    isEmpty = false;
    decoder.event(name, data, sink);
  };
  const reader = framing({ onEvent, fail });
  for await (const bytes of readBody(response, options)) {
    const failure = failureOf(() => reader.push(bytes));
    if (batch.length > 0) yield batch;
    batch = [];
    if (failure !== undefined) throw failure.error;
    if (decoder.isDone) return; // some servers keep the connection open
  }
  const failure = failureOf(() => {
    reader.end();
    if (isEmpty && doubtfulType !== undefined) throw wrongType(doubtfulType, { fail, provider });
    decoder.end(sink);
  });
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure.error;
}

/** The longest answer that is read as one JSON body: 10 MiB. */
const MAX_WHOLE_BYTES = 10_485_760;

/**
 * Reads an answer that came as one JSON body, which proxies send to a streaming request: a whole answer, or an error.
 * What it held before it failed is handed out before the failure.
 */
export async function* decodeWhole<T>(
  response: Response,
  decoder: Decoder<T>,
  options: ReadBodyOptions,
): AsyncGenerator<readonly T[], void> {
  const text = new TextDecoder();
  const pieces: string[] = [];
  let left = MAX_WHOLE_BYTES;
  for await (const bytes of readBody(response, options)) {
    left -= bytes.byteLength;
    if (left < 0) {
      const what = `${options.provider} sent JSON of more than ${MAX_WHOLE_BYTES} bytes`;
      throw options.fail('malformed', what);
    }
    pieces.push(text.decode(bytes, { stream: true }));
  }
  pieces.push(text.decode());
  const chunks: T[] = [];
  const sink = (chunk: T): void => void chunks.push(chunk);
  const failure = failureOf(() => {
    decoder.event('', pieces.join(''), sink);
    decoder.end(sink);
  });
  if (chunks.length > 0) yield chunks;
  if (failure !== undefined) throw failure.error;
}

/** Makes the error of an answer in a form that no model answers in. */
export function wrongType(
  type: string,
  { fail, provider }: { readonly fail: Fail; readonly provider: string },
): Error {
  const what = type.includes('html')
    ? 'an HTML page: is its base URL right?'
    : `${type.slice(0, MAX_TYPE_LENGTH) || 'no content type'} instead of events`;
  return fail('malformed', `${provider} answered with ${what}`);
}

const MAX_TYPE_LENGTH = 60;

function failureOf(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
