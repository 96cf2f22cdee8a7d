import { openai, type OpenAiOptions } from '@sluice/adapters/openai';
import type { Client } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { createDecoder } from '../../../packages/adapters/src/openai/stream.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import { bodyReader, clientOf, decodingOf } from '../../support/decoding.ts';

export {
  aContext,
  answering,
  bodyOf,
  cutEvery,
  doneOf,
  type Read,
  read,
  REQUEST,
  textIn,
} from '../../support/decoding.ts';

/** Decodes answers of Chat Completions, without a network. */
export const { decode, decodeBytes } = decodingOf({
  name: 'openai',
  framing: createSseReader,
  createDecoder,
});

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

/** Everything that a client reads of a body, given in the pieces in which it arrives. */
export const readBody = bodyReader(aClient);

/** A client whose clock stands still at the beginning of 2026. */
export function aClient(options: Partial<OpenAiOptions> = {}): Client {
  return clientOf(
    openai({
      apiKey: 'sk-test-0123456789abcdef',
      model: 'gpt-x',
      clock: new VirtualClock(),
      ...options,
    }),
  );
}
