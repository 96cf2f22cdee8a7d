import { gemini, type GeminiOptions } from '@sluice/adapters/gemini';
import type { Client } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { createDecoder } from '../../../packages/adapters/src/gemini/stream.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import { bodyReader, clientOf, type Decoding, decodingOf } from '../../support/decoding.ts';

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

/** Decodes answers of Gemini, without a network. */
export const decoding: Decoding = decodingOf({
  name: 'gemini',
  framing: createSseReader,
  createDecoder,
});
export const { decode, decodeBytes } = decoding;

/** An event of these parts, as Gemini sends it. */
export function anEvent(parts: readonly object[], more: object = {}): object {
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    modelVersion: 'gemini-x',
    responseId: 'r1',
  };
}

/** An event of text. */
export function aText(text: string, more: object = {}): object {
  return anEvent([{ text }], more);
}

/** The event that ends an answer. */
export function aFinish(finishReason = 'STOP', more: object = {}): object {
  return {
    candidates: [{ finishReason, index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 },
    ...more,
  };
}

/** Everything that a client reads of a body, given in the pieces in which it arrives. */
export const readBody = bodyReader(aClient);

/** A client whose clock stands still at the beginning of 2026. */
export function aClient(options: Partial<GeminiOptions> = {}): Client {
  return clientOf(
    gemini({
      apiKey: 'AIzaTest-0123456789abcdef',
      model: 'gemini-x',
      clock: new VirtualClock(),
      ...options,
    }),
  );
}
