import { createResponsesDecoder } from '../../../packages/adapters/src/openai/responses-stream.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import { decodingOf, type WrittenEvent } from '../../support/decoding.ts';

/** Decodes answers of Responses, without a network. */
export const { decode, decodeBytes } = decodingOf({
  name: 'openai',
  framing: createSseReader,
  createDecoder: createResponsesDecoder,
});

/** An event of Responses, named as its type says. */
export function anEvent(type: string, fields: object = {}): WrittenEvent {
  return [`response.${type}`, { type: `response.${type}`, ...fields }];
}

/** The event that begins an answer. */
export function created(): WrittenEvent {
  const response = { id: 'resp_1', object: 'response', status: 'in_progress', model: 'gpt-x' };
  return anEvent('created', { response: { ...response, output: [], usage: null } });
}

/** The event that ends a whole answer. */
export function completed(more: object = {}): WrittenEvent {
  return ended('completed', more);
}

/** The event that ends an answer in this way. */
export function ended(status: string, more: object = {}): WrittenEvent {
  const response = { id: 'resp_1', object: 'response', status, model: 'gpt-x', output: [] };
  return anEvent(status, { response: { ...response, usage: USAGE, ...more } });
}

const USAGE = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 14,
};

/** The events of a message of one text, in these pieces. */
export function aMessage(place: number, pieces: readonly string[]): readonly WrittenEvent[] {
  const at = { item_id: `msg_${place}`, output_index: place, content_index: 0 };
  const text = pieces.join('');
  const part = { type: 'output_text', annotations: [], text };
  return [
    anItem('added', place, { id: at.item_id, type: 'message', role: 'assistant', content: [] }),
    anEvent('content_part.added', { ...at, part: { ...part, text: '' } }),
    ...pieces.map((delta) => anEvent('output_text.delta', { ...at, delta })),
    anEvent('output_text.done', { ...at, text }),
    anEvent('content_part.done', { ...at, part }),
    anItem('done', place, {
      id: at.item_id,
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [part],
    }),
  ];
}

/** The events of a function call, its arguments in these pieces. */
export function aCall(
  place: number,
  { callId = `call_${place}`, name = 'get_weather', pieces = ['{"city":', '"Oslo"}'] } = {},
): readonly WrittenEvent[] {
  const item = { id: `fc_${place}`, type: 'function_call', call_id: callId, name };
  const at = { item_id: item.id, output_index: place };
  const text = pieces.join('');
  return [
    anItem('added', place, { ...item, status: 'in_progress', arguments: '' }),
    ...pieces.map((delta) => anEvent('function_call_arguments.delta', { ...at, delta })),
    anEvent('function_call_arguments.done', { ...at, arguments: text }),
    anItem('done', place, { ...item, status: 'completed', arguments: text }),
  ];
}

/** The events of thinking that is told in a summary. */
export function aThought(
  place: number,
  text: string,
  more: object = { encrypted_content: 'enc' },
): readonly WrittenEvent[] {
  const id = `rs_${place}`;
  const at = { item_id: id, output_index: place, summary_index: 0 };
  const part = { type: 'summary_text', text };
  return [
    anItem('added', place, { id, type: 'reasoning', summary: [] }),
    anEvent('reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }),
    anEvent('reasoning_summary_text.delta', { ...at, delta: text }),
    anEvent('reasoning_summary_text.done', { ...at, text }),
    anEvent('reasoning_summary_part.done', { ...at, part }),
    anItem('done', place, { id, type: 'reasoning', summary: [part], ...more }),
  ];
}

/** The event that begins or ends an item. */
export function anItem(what: 'added' | 'done', place: number, item: object): WrittenEvent {
  return anEvent(`output_item.${what}`, { output_index: place, item });
}
