import { type RecordedAnswer, readCassette, type Recording } from './cassette.ts';
import { DIALECTS } from './dialect/all.ts';
import type { AskedOf } from './dialect/dialect.ts';
import type { Plan } from './plan.ts';
import type { Question, Reply } from './script.ts';

/**
 * Makes a script of a cassette, for the mock of the dialect that was recorded, or for a mock server: whoever asks what
 * was asked then is answered what was answered then, byte for byte, at the same pace. The same question, asked again,
 * gets the next answer that was recorded for it; what was not recorded is answered 500, and says so.
 *
 * ```ts
 * const mock = llm.openai(replay(cassette));
 * ```
 *
 * @throws {TypeError} when `cassette` is none.
 */
export function replay(cassette: string): (question: Question) => Reply {
  const waiting = readCassette(cassette).map((recording) => ({
    key: keyOf(askedIn(recording)),
    answer: recording.answer,
  }));
  return (question) => {
    const key = keyOf(question);
    const at = waiting.findIndex((recorded) => recorded.key === key);
    const [found] = at === -1 ? [] : waiting.splice(at, 1);
    return found === undefined ? notRecorded(question) : { recorded: found.answer };
  };
}

/** Plans an answer as it was recorded. One that the reader left goes on no further than it was read. */
export function planRecorded({ status, headers, pieces, end }: RecordedAnswer): Plan {
  if (status === 0) return { kind: 'refuse' };
  const encoder = new TextEncoder();
  const steps = pieces.map(([delayMs, text]) => ({ delayMs, bytes: encoder.encode(text) }));
  const ends = { whole: 'close', broken: 'reset', left: 'stall' } as const;
  // Without it MSW in Node takes a broken connection for a proper end.
  const isStream = !(headers['content-type'] ?? '').includes('json') || end !== 'whole';
  const travelling = isStream ? { ...headers, 'transfer-encoding': 'chunked' } : headers;
  return { kind: 'answer', status, headers: travelling, steps, end: ends[end] };
}

function askedIn({ dialect: name, path, body }: Recording): AskedOf {
  const dialect = DIALECTS.find((known) => known.name === name);
  if (dialect !== undefined) return dialect.readQuestion(body, path);
  throw new TypeError(`The cassette speaks a dialect unknown here: ${name}`);
}

function keyOf({ model, messages, tools, isStreamed }: AskedOf): string {
  return JSON.stringify([model, messages, tools, isStreamed]);
}

function notRecorded({ text }: Question): Reply {
  const message = `The cassette has no answer to this (${text.length} characters) left`;
  return { fault: { kind: 'status', status: 500, message } };
}
