import { anthropic, type AnthropicOptions } from '@sluice/adapters/anthropic';
import type { Client } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { createDecoder } from '../../../packages/adapters/src/anthropic/stream.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import { bodyReader, clientOf, type Decoding, decodingOf } from '../../support/decoding.ts';

/** A key of the right length, which opens nothing. */
export const KEY = 'sk-ant-test-0123456789abcdef';

/** Decodes answers without a network. */
export const decoding: Decoding = decodingOf({
  name: 'anthropic',
  framing: createSseReader,
  createDecoder,
});
export const { decode, decodeBytes } = decoding;

/** A client whose clock stands still at the beginning of 2026. */
export function aClient(options: Partial<AnthropicOptions> = {}): Client {
  return clientOf(
    anthropic({
      apiKey: KEY,
      model: 'claude-x',
      clock: new VirtualClock(),
      ...options,
    }),
  );
}

/** Everything that a client reads of a body, given in the pieces in which it arrives. */
export const readBody = bodyReader(aClient);

/** The first event of an answer. */
export function aStart(usage: object = { input_tokens: 9, output_tokens: 1 }): object {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return { type: 'message_start', message };
}

/** The events of one block: its beginning, what it grows by, its end. */
export function aBlock(index: number, block: object, ...deltas: readonly object[]): object[] {
  return [
    { type: 'content_block_start', index, content_block: block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** The events of a block of text, which comes in these pieces. */
export function aText(index: number, ...pieces: readonly string[]): object[] {
  const deltas = pieces.map((text) => ({ type: 'text_delta', text }));
  return aBlock(index, { type: 'text', text: '' }, ...deltas);
}

/** The events of a tool call, whose input comes in these pieces. */
export function aCall(
  index: number,
  { id, name }: { readonly id: string; readonly name: string },
  ...pieces: readonly string[]
): object[] {
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  return aBlock(index, { type: 'tool_use', id, name, input: {} }, ...deltas);
}

/** The events that end an answer. */
export function anEnd(reason: string | null = 'end_turn', usage?: object): object[] {
  const delta = { stop_reason: reason, stop_sequence: null };
  return [
    { type: 'message_delta', delta, ...(usage === undefined ? {} : { usage }) },
    { type: 'message_stop' },
  ];
}

/** Writes events as they travel: each with its name, which is its type. */
export function written(events: readonly object[], lineEnd = '\n'): string {
  return events
    .map((event) => {
      const { type } = event as { readonly type: string };
      return `event: ${type}${lineEnd}data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`;
    })
    .join('');
}
