import { ollama, type OllamaOptions } from '@sluice/adapters/ollama';
import type { Client } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { createDecoder } from '../../../packages/adapters/src/ollama/stream.ts';
import { createLineReader } from '../../../packages/adapters/src/transport/ndjson.ts';
import { bodyReader, clientOf, type Decoding, decodingOf } from '../../support/decoding.ts';

export {
  aContext,
  answering,
  bodyOf,
  doneOf,
  type Read,
  read,
  REQUEST,
  textIn,
} from '../../support/decoding.ts';

/** Decodes answers of Ollama, without a network. */
export const decoding: Decoding = decodingOf({
  name: 'ollama',
  framing: createLineReader,
  createDecoder,
});
export const { decode, decodeBytes } = decoding;

/** A line of this message, as Ollama sends it. */
export function aLine(message: object, more: object = {}): object {
  return {
    model: 'llama-x',
    created_at: '2026-01-01T00:00:00.1Z',
    message: { role: 'assistant', content: '', ...message },
    done: false,
    ...more,
  };
}

/** A line of text. */
export function aText(content: string): object {
  return aLine({ content });
}

/** The line that ends an answer. */
export function aDone(more: object = {}): object {
  return aLine(
    {},
    { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 2, ...more },
  );
}

/** What the body of an answer is called. */
export const LINES = { headers: { 'content-type': 'application/x-ndjson' } };

/** Writes lines as they travel. */
export function lines(...data: readonly (string | object)[]): string {
  return data.map((item) => `${typeof item === 'string' ? item : JSON.stringify(item)}\n`).join('');
}

/** Everything that a client reads of a body, given in the pieces in which it arrives. */
export const readBody = bodyReader(aClient, LINES);

/** A client whose clock stands still at the beginning of 2026. */
export function aClient(options: Partial<OllamaOptions> = {}): Client {
  return clientOf(ollama({ model: 'llama-x', clock: new VirtualClock(), ...options }));
}
