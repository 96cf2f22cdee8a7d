import { seededRandom } from '@sluice/core';
import { cutEvery, type Read, type WrittenEvent } from './decoding.ts';

/** A stream as a provider sends it, and what is to come of it. */
export interface CorpusStream {
  /** What is special about it. */
  readonly name: string;
  readonly events: readonly WrittenEvent[];
  /** A part of what comes of it: all that matters of this stream. */
  readonly expected: Partial<StreamOutcome>;
}

/** What came of a stream, in a few words. */
export interface StreamOutcome {
  readonly text: string;
  readonly thinking: string;
  /** The tool calls, as `name(input)`. */
  readonly calls: readonly string[];
  /** Why the model stopped, or the kind of the error. */
  readonly end: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Says in a few words what came of a stream. */
export function outcomeOf({ chunks, thrown }: Read): StreamOutcome {
  const last = chunks.at(-1);
  const done = last?.type === 'done' ? last : undefined;
  const joined = (type: 'text' | 'thinking'): string =>
    chunks.map((chunk) => (chunk.type === type ? chunk.delta : '')).join('');
  return {
    text: joined('text'),
    thinking: joined('thinking'),
    calls: chunks.flatMap((chunk) =>
      chunk.type === 'tool' ? [`${chunk.call.name}(${JSON.stringify(chunk.call.input)})`] : [],
    ),
    end: done?.finish.reason ?? String((thrown as { kind?: unknown } | undefined)?.kind),
    inputTokens: done?.usage.input.total ?? -1,
    outputTokens: done?.usage.output.total ?? -1,
  };
}

/** One way in which a stream may arrive. */
export interface Arrival {
  readonly how: string;
  readonly pieces: readonly Uint8Array[];
}

/** How many random cuts of each stream are tried. */
const RANDOM_CUTS = 5;

/**
 * Every way in which a stream may arrive: whole, byte by byte, by sevens and at random, with LF and CRLF, with and
 * without its last line end.
 */
export function* arrivalsOf(
  events: readonly WrittenEvent[],
  form: 'sse' | 'ndjson',
): Generator<Arrival, void> {
  for (const lineEnd of ['\n', '\r\n']) {
    for (const isEnded of [true, false]) {
      const text = events.map((event) => frame(event, { form, lineEnd })).join('');
      const bytes = new TextEncoder().encode(isEnded ? text : withoutEnd(text));
      const how = `${JSON.stringify(lineEnd)}, ${isEnded ? 'ended' : 'not ended'}`;
      yield { how: `whole, ${how}`, pieces: [bytes] };
      yield { how: `by 1, ${how}`, pieces: cutEvery(bytes, 1) };
      yield { how: `by 7, ${how}`, pieces: cutEvery(bytes, 7) };
      for (let seed = 1; seed <= RANDOM_CUTS; seed += 1) {
        yield { how: `at random (${seed}), ${how}`, pieces: cutAtRandom(bytes, seed) };
      }
    }
  }
}

function frame(
  event: WrittenEvent,
  { form, lineEnd }: { readonly form: 'sse' | 'ndjson'; readonly lineEnd: string },
): string {
  const [name, data] = Array.isArray(event) ? (event as [string, string | object]) : ['', event];
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  if (form === 'ndjson') return `${text}${lineEnd}`;
  return `${name === '' ? '' : `event: ${name}${lineEnd}`}data: ${text}${lineEnd}${lineEnd}`;
}

function withoutEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function cutAtRandom(bytes: Uint8Array, seed: number): readonly Uint8Array[] {
  const random = seededRandom(seed);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random.next() * 64);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
