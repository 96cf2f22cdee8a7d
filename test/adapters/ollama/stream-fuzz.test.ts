import { expect, it } from 'vitest';
import { ollamaDialect } from '../../../packages/adapters/src/mock/dialect/ollama.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { fuzz } from '../../support/mutated-stream.ts';
import { piecesOf } from '../../support/scripted-answer.ts';
import { arrivalsOf } from '../../support/stream-corpus.ts';
import { runs } from '../../support/tier.ts';
import { CORPUS } from './corpus.ts';
import { decodeBytes } from './support.ts';

const REPLIES: readonly Reply[] = [
  { text: 'Die Schleuse öffnet 🌊 langsam' },
  { thinking: 'Hm, let me see', text: ['a', 'b'], usage: null },
  { text: '', toolCalls: [{ name: 'add', input: { a: [1, { b: null }] } }] },
  { text: 'a b c', framing: { lineEnd: '\r\n' } },
];
const SPLICES = [
  '"message":null',
  '"message":[]',
  '"done":true',
  '"done":"true"',
  '"tool_calls":[[],null,{"function":7}]',
  '"tool_calls":[{"function":{"name":"f","arguments":"{"}}]',
  '"eval_count":{}',
  '"created_at":7',
  '{"error":7}',
];

it('decodes or refuses any mutated stream, and neither crashes nor hangs', () => {
  const count = runs(5_000, 20_000);
  const streams = [
    ...REPLIES.map((reply) => Buffer.concat(piecesOf(ollamaDialect, reply))),
    ...CORPUS.flatMap(({ events }) => {
      const [whole] = arrivalsOf(events, 'ndjson');
      return whole === undefined ? [] : [Buffer.concat(whole.pieces)];
    }),
  ];

  const outcomes = fuzz({ count, streams, splices: SPLICES, decodeBytes });

  expect([...outcomes.keys()].filter((key) => key.startsWith('neither'))).toEqual([]);
  // The mutations are neither all harmless nor all fatal, or they would show nothing.
  expect(outcomes.get('done')).toBeGreaterThan(count / 20);
  expect(outcomes.get('malformed')).toBeGreaterThan(count / 20);
}, 60_000);
