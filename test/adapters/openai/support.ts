import {
  type CallContext,
  type CompletionChunk,
  type CompletionRequest,
  type DoneChunk,
  userMessage,
} from '@sluice/core';
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
