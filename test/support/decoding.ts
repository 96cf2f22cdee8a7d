import {
  type CallContext,
  type Client,
  type CompletionChunk,
  type CompletionRequest,
  type DoneChunk,
  type Provider,
  userMessage,
} from '@sluice/core';
import type { Decoder, Framing } from '../../packages/adapters/src/transport/decode.ts';
import { failWith } from '../../packages/adapters/src/transport/failure.ts';
import type { DecoderOptions } from '../../packages/adapters/src/transport/family.ts';

/** The smallest request there is. */
export const REQUEST: CompletionRequest = { messages: [userMessage('What is a sluice?')] };

/** The context of a call that nobody aborts. */
export function aContext(more: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, ...more };
}

/** What came of a stream: its chunks, and what it threw. */
export interface Read {
  readonly chunks: readonly CompletionChunk[];
  readonly thrown: unknown;
}

/** Reads a stream to its end, whatever that is. */
export async function read(stream: AsyncIterable<CompletionChunk>): Promise<Read> {
  const chunks: CompletionChunk[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (thrown) {
    return { chunks, thrown };
  }
  return { chunks, thrown: undefined };
}

/** What a family needs to be decoded without a network. */
export interface DecodedFamily {
  readonly name: string;
  readonly framing: Framing;
  readonly createDecoder: (options: DecoderOptions) => Decoder<CompletionChunk>;
}

/** Decodes one family's answers, without a network and at once. */
export interface Decoding {
  /** Decodes the data of events, and the end after them. An event with a name is a pair of both. */
  decode(events: readonly WrittenEvent[], options?: DecoderOptions): Read;
  /** Decodes bytes in the pieces in which they arrive. */
  decodeBytes(pieces: Iterable<Uint8Array>): Read;
}

/** The data of an event, as text or to be written as JSON; with its name if it has one. */
export type WrittenEvent = string | object | readonly [name: string, data: string | object];

/** Makes the decoding of one family. */
export function decodingOf({ name, framing, createDecoder }: DecodedFamily): Decoding {
  const fail = failWith({ provider: name, redact: (text) => text });
  return {
    decode: (events, options = {}) => {
      const decoder = createDecoder(options);
      return caught((sink) => {
        for (const event of events) {
          const [eventName, data] = named(event);
          decoder.event(eventName, data, sink);
        }
        decoder.end(sink);
      });
    },
    decodeBytes: (pieces) => {
      const decoder = createDecoder({ fail });
      return caught((sink) => {
        const onEvent = (eventName: string, data: string): void =>
          decoder.event(eventName, data, sink);
        const reader = framing({ onEvent, fail });
        for (const piece of pieces) {
          reader.push(piece);
          if (decoder.isDone) return; // as over a network: what follows the end is not read
        }
        reader.end();
        decoder.end(sink);
      });
    },
  };
}

function caught(work: (sink: (chunk: CompletionChunk) => void) => void): Read {
  const chunks: CompletionChunk[] = [];
  try {
    work((chunk) => void chunks.push(chunk));
  } catch (thrown) {
    return { chunks, thrown };
  }
  return { chunks, thrown: undefined };
}

function named(event: WrittenEvent): readonly [name: string, data: string] {
  const [name, data] = Array.isArray(event) ? (event as [string, string | object]) : ['', event];
  return [name, typeof data === 'string' ? data : JSON.stringify(data)];
}

/** The text of all text chunks. */
export function textIn(chunks: readonly CompletionChunk[]): string {
  return chunks.map((chunk) => (chunk.type === 'text' ? chunk.delta : '')).join('');
}

/** The last chunk, which must be `done`. */
export function doneOf({ chunks, thrown }: Read): DoneChunk {
  const last = chunks.at(-1);
  if (last?.type !== 'done') {
    throw new Error('The stream did not end with done', { cause: thrown });
  }
  return last;
}

/** A `fetch` that gives every request this answer. */
export function answering(
  pieces: readonly (string | Uint8Array)[],
  init: ResponseInit = { headers: { 'content-type': 'text/event-stream' } },
): typeof fetch {
  return () => Promise.resolve(new Response(bodyOf(pieces), init));
}

/** The client of a provider that makes it at once. */
export function clientOf(provider: Provider): Client {
  return provider.createClient({ signal: new AbortController().signal }) as Client;
}

/** Reads a body with the client that is made for it, given its bytes in the pieces in which they arrive. */
export function bodyReader(
  aClient: (options: { readonly fetch: typeof fetch }) => Client,
  usual?: ResponseInit,
): (pieces: readonly (string | Uint8Array)[], init?: ResponseInit) => Promise<Read> {
  return (pieces, init = usual) =>
    read(aClient({ fetch: answering(pieces, init) }).stream(REQUEST, aContext()));
}

/** A body that arrives in these pieces. */
export function bodyOf(pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece);
    },
  });
}

/** Cuts bytes into pieces of one length. */
export function cutEvery(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  );
}
