import { expect, it } from 'vitest';
import { responsesDialect } from '../../../packages/adapters/src/mock/dialect/responses.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { fuzz } from '../../support/mutated-stream.ts';
import { piecesOf } from '../../support/scripted-answer.ts';
import { runs } from '../../support/tier.ts';
import { decodeBytes } from './responses-support.ts';

const REPLIES: readonly Reply[] = [
  { text: 'Die Schleuse öffnet 🌊 langsam' },
  { thinking: 'Hm, let me see', text: ['a', 'b'], usage: null },
  { text: '', toolCalls: [{ name: 'add', input: { a: [1, { b: null }] }, pieceLength: 3 }] },
  { refusal: 'No', framing: { lineEnd: '\r\n', comment: 'ping' } },
  {
    areCallsInterleaved: true,
    finish: 'length',
    toolCalls: [
      { name: 'a', input: { x: 'y' }, pieceLength: 2 },
      { name: 'b', input: 'not json', pieceLength: 1 },
    ],
  },
  { text: 'x', fault: { kind: 'error' } },
];
const SPLICES = [
  '"output_index":-1',
  '"output_index":1e308',
  '"item":null',
  '"item":{"type":"reasoning","summary":[null,{"text":7}],"content":{}}',
  '"item":{"type":"message","content":[[],{"type":"output_text"}]}',
  '"response":null',
  '"response":{"status":"completed","output":[7,{"type":"function_call"}]}',
  '"type":"response.completed"',
  '"type":"error"',
  '"usage":{"input_tokens":{}}',
];

it('decodes or refuses any mutated stream, and neither crashes nor hangs', () => {
  const count = runs(5_000, 20_000);
  const streams = REPLIES.map((reply) => Buffer.concat(piecesOf(responsesDialect, reply)));

  const outcomes = fuzz({ count, streams, splices: SPLICES, decodeBytes });

  expect([...outcomes.keys()].filter((key) => key.startsWith('neither'))).toEqual([]);
  // The mutations are neither all harmless nor all fatal, or they would show nothing.
  expect(outcomes.get('done')).toBeGreaterThan(count / 20);
  expect(outcomes.get('malformed')).toBeGreaterThan(count / 20);
}, 60_000);
