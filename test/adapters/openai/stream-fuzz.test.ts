import { ProviderError, type Random, seededRandom } from '@sluice/core';
import { expect, it } from 'vitest';
import { planReply } from '../../../packages/adapters/src/mock/dialect/openai.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { runs } from '../../support/tier.ts';
import { cutEvery, decodeBytes, type Read } from './support.ts';

const QUESTION = { number: 1, model: 'gpt-x', text: '', messages: [], tools: [] };
const REPLIES: readonly Reply[] = [
  { text: 'Die Schleuse öffnet 🌊 langsam' },
  { thinking: 'Hm, let me see', text: ['a', 'b'], usage: null },
  { text: '', toolCalls: [{ name: 'add', input: { a: [1, { b: null }] }, pieceLength: 3 }] },
  { refusal: 'No', framing: { lineEnd: '\r\n', comment: 'ping' } },
  {
    areCallsInterleaved: true,
    toolCalls: [
      { name: 'a', input: { x: 'y' }, pieceLength: 2 },
      { name: 'b', input: 'not json', pieceLength: 1 },
    ],
  },
  { text: 'x', fault: { kind: 'error' } },
];
/** What a mutation puts in the place of bytes: what means something to a parser. */
const SPLICES = [
  'null',
  '{}',
  '[]',
  '""',
  '-1',
  '1e999',
  'true',
  '\\u0000',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r',
  '\n\n',
  'data: ',
  'event: error\n',
  ': ',
  '[DONE]',
  '\u{1F30A}',
  '__proto__',
  '"error":{"message":1}',
  '"index":-1',
  '"index":1e308',
  '"choices":null',
  '"delta":[]',
  '"tool_calls":[[],null,{"function":7}]',
  '"content":[{"type":"text"}]',
  '"usage":{"prompt_tokens":{}}',
];

it('decodes or refuses any mutated stream, and neither crashes nor hangs', () => {
  const count = runs(5_000, 20_000);
  const outcomes = new Map<string, number>();

  for (let seed = 0; seed < count; seed += 1) {
    const { chunks, thrown } = decodeBytes(aMutatedStream(seed));
    const outcome = outcomeOf({ chunks, thrown }) ?? `neither in stream ${seed}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  expect([...outcomes.keys()].filter((key) => key.startsWith('neither'))).toEqual([]);
  // The mutations are neither all harmless nor all fatal, or they would show nothing.
  expect(outcomes.get('done')).toBeGreaterThan(count / 20);
  expect(outcomes.get('malformed')).toBeGreaterThan(count / 20);
}, 60_000);

function outcomeOf({ chunks, thrown }: Read): string | undefined {
  if (ProviderError.is(thrown)) return thrown.kind;
  return thrown === undefined && chunks.at(-1)?.type === 'done' ? 'done' : undefined;
}

function aMutatedStream(seed: number): readonly Uint8Array[] {
  const random = seededRandom(seed);
  const reply = pick(REPLIES, random);
  const plan = planReply(QUESTION, reply, random);
  if (plan.kind !== 'answer') throw new Error('The reply was scripted to be answered');
  let bytes = Buffer.concat(plan.steps.map((step) => step.bytes));
  const mutations = 1 + Math.floor(random.next() * 4);
  for (let n = 0; n < mutations; n += 1) bytes = mutated(bytes, random);
  return cutEvery(bytes, 1 + Math.floor(random.next() * 200));
}

function mutated(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  const at = Math.floor(random.next() * bytes.length);
  const length = Math.floor(random.next() * 12);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)];
  switch (Math.floor(random.next() * 5)) {
    case 0: // lost
      return Buffer.concat([before, after]);
    case 1: // cut off
      return Buffer.from(before);
    case 2: // repeated
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 3: // garbled
      return Buffer.concat([before, Buffer.of(Math.floor(random.next() * 256)), after]);
    default: // replaced by what means something
      return Buffer.concat([before, Buffer.from(pick(SPLICES, random)), after]);
  }
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random.next() * list.length)] as T;
}
