import { ProviderError, type Random, seededRandom } from '@sluice/core';
import { cutEvery, type Read } from './decoding.ts';

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
];

/** How mutated streams are made. */
export interface FuzzOptions {
  /** How many. */
  readonly count: number;
  /** The number of the first: the same numbers make the same streams. @defaultValue `0` */
  readonly from?: number | undefined;
  /** The bytes of whole streams, one of which each mutated one is made of. */
  readonly streams: readonly Uint8Array[];
  /** What means something to this decoder, beside what means something to every parser. */
  readonly splices?: readonly string[] | undefined;
  readonly decodeBytes: (pieces: readonly Uint8Array[]) => Read;
}

/**
 * Decodes mutated streams and counts how each ended: `done`, an error's kind, or `neither`, with the stream's number,
 * for what no decoder may do.
 */
export function fuzz({
  count,
  from = 0,
  streams,
  splices = [],
  decodeBytes,
}: FuzzOptions): Map<string, number> {
  const outcomes = new Map<string, number>();
  const all = [...SPLICES, ...splices];
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = outcomeOf(decodeBytes(aMutatedStream(seed, streams, all)));
    const key = outcome ?? `neither in stream ${seed}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  }
  return outcomes;
}

function outcomeOf({ chunks, thrown }: Read): string | undefined {
  if (ProviderError.is(thrown)) return thrown.kind;
  return thrown === undefined && chunks.at(-1)?.type === 'done' ? 'done' : undefined;
}

function aMutatedStream(
  seed: number,
  streams: readonly Uint8Array[],
  splices: readonly string[],
): readonly Uint8Array[] {
  const random = seededRandom(seed);
  let bytes = Buffer.from(pick(streams, random));
  const mutations = 1 + Math.floor(random.next() * 4);
  for (let n = 0; n < mutations; n += 1) bytes = mutated(bytes, splices, random);
  return cutEvery(bytes, 1 + Math.floor(random.next() * 200));
}

function mutated(
  bytes: Buffer<ArrayBuffer>,
  splices: readonly string[],
  random: Random,
): Buffer<ArrayBuffer> {
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
      return Buffer.concat([before, Buffer.from(pick(splices, random)), after]);
  }
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random.next() * list.length)] as T;
}
