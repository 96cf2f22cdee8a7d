import { openai, type OpenAiOptions } from '@sluice/adapters/openai';
import {
  type CallContext,
  type Client,
  type CompletionChunk,
  type CompletionRequest,
  type DoneChunk,
  userMessage,
} from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { failWith } from '../../../packages/adapters/src/transport/failure.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import {
  createDecoder,
  type DecoderOptions,
} from '../../../packages/adapters/src/openai/stream.ts';

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

/** Decodes the data of events, and the end after them. */
export function decode(events: readonly (string | object)[], options?: DecoderOptions): Read {
  const decoder = createDecoder(options);
  const chunks: CompletionChunk[] = [];
  const sink = (chunk: CompletionChunk): void => void chunks.push(chunk);
  try {
    for (const event of events) {
      decoder.event('', typeof event === 'string' ? event : JSON.stringify(event), sink);
    }
    decoder.end(sink);
  } catch (thrown) {
    return { chunks, thrown };
  }
  return { chunks, thrown: undefined };
}

/** Decodes bytes in the pieces in which they arrive, without a network and at once. */
export function decodeBytes(pieces: Iterable<Uint8Array>): Read {
  const fail = failWith({ provider: 'openai', redact: (text) => text });
  const decoder = createDecoder({ fail });
  const chunks: CompletionChunk[] = [];
  const sink = (chunk: CompletionChunk): void => void chunks.push(chunk);
  const reader = createSseReader({
    onEvent: (name, data) => decoder.event(name, data, sink),
    fail,
  });
  try {
    for (const piece of pieces) reader.push(piece);
    reader.end();
    decoder.end(sink);
  } catch (thrown) {
    return { chunks, thrown };
  }
  return { chunks, thrown: undefined };
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

/** A chunk of one delta, as OpenAI sends it. */
export function aChunk(delta: object, more: object = {}): object {
  return {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-x',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  };
}

/** The chunk that ends a choice. */
export function aFinish(reason = 'stop', more: object = {}): object {
  return { ...aChunk({}, { finish_reason: reason }), ...more };
}

/** Everything that a client reads, given the bytes of a body in the pieces in which they arrive. */
export function readBody(
  pieces: readonly (string | Uint8Array)[],
  init?: ResponseInit,
): Promise<Read> {
  return read(aClient({ fetch: answering(pieces, init) }).stream(REQUEST, aContext()));
}

/** A client whose clock stands still at the beginning of 2026. */
export function aClient(options: Partial<OpenAiOptions> = {}): Client {
  const provider = openai({
    apiKey: 'sk-test-0123456789abcdef',
    model: 'gpt-x',
    clock: new VirtualClock(),
    ...options,
  });
  return provider.createClient({ signal: new AbortController().signal }) as Client; // made at once
}

/** A `fetch` that gives every request this answer. */
export function answering(
  pieces: readonly (string | Uint8Array)[],
  init: ResponseInit = { headers: { 'content-type': 'text/event-stream' } },
): typeof fetch {
  return () => Promise.resolve(new Response(bodyOf(pieces), init));
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
