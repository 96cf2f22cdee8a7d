import { type Clock, type Json, type Secret, systemClock } from '@sluice/core';
import { createRedactor, redactJson } from '@sluice/core/events';
import { parseJson } from '../transport/json.ts';
import { type RecordedAnswer, type Recording, writeCassette } from './cassette.ts';
import { dialectOf } from './dialect/all.ts';
import { isSecretHeader } from './question-headers.ts';

/** How exchanges are recorded. */
export interface RecordOptions {
  /** Values that must not be kept, beside the keys that requests show. Those under 8 characters are not looked for. */
  readonly secrets?: readonly (string | Secret)[] | undefined;
  /** The longest answer that is kept, in UTF-16 units. Longer ones are left out and counted. @defaultValue `10_485_760` */
  readonly maxLength?: number | undefined;
  /** Measures how the pieces follow one another. Default: real time. */
  readonly clock?: Clock | undefined;
}

/** A `fetch` that remembers. */
export interface Recorder {
  /** To be handed to a provider. */
  readonly fetch: typeof fetch;
  /** How many answers were left out, since they were too long. */
  readonly dropped: number;
  /** Writes what was asked and answered so far, in the order in which answers ended: lines of JSON, without keys. */
  cassette(): string;
}

/**
 * Records what a provider answers, for `replay`. Requests for completions are kept, in the wires that Sluice speaks;
 * others pass and leave no trace. Of keys nothing is kept: headers are kept by a list of those allowed, queries not at
 * all, and values that requests prove themselves with are taken out of bodies, as is whatever is shaped like a key. What
 * is not found is a key that the model was told and spells out over several events of its answer.
 *
 * ```ts
 * const recorder = record(fetch);
 * const provider = openai({ apiKey, model, fetch: recorder.fetch });
 * ```
 */
export function record(fetch: typeof globalThis.fetch, options: RecordOptions = {}): Recorder {
  return new FetchRecorder(fetch, options);
}

/** The headers of an answer that say something of it, and nothing of the account. */
const KEPT_HEADERS =
  /^(?:content-type|retry-after(?:-ms)?|x-ms-retry-after-ms|x-should-retry|(?:x-)?ratelimit.*|x-ratelimit-.*|anthropic-ratelimit-.*|x-request-id|request-id)$/;

class FetchRecorder implements Recorder {
  readonly fetch: typeof globalThis.fetch;
  dropped = 0;
  readonly #recordings: Recording[] = [];
  readonly #options: RecordOptions;

  constructor(fetch: typeof globalThis.fetch, options: RecordOptions) {
    this.#options = options;
    this.fetch = (input, init) => this.#pass(fetch, new Request(input, init));
  }

  cassette(): string {
    return writeCassette(this.#recordings);
  }

  async #pass(fetch: typeof globalThis.fetch, request: Request): Promise<Response> {
    const { method, url } = request;
    const path = new URL(url).pathname;
    const known = dialectOf({ method, path, headers: Object.fromEntries(request.headers) });
    if (known?.ask !== 'completion') return fetch(request);
    const body = parsed(await request.clone().text());
    if (body === undefined) return fetch(request);
    const tape = this.#tapeOf(request, { dialect: known.dialect.name, path, body });
    let response: Response;
    try {
      response = await fetch(request);
    } catch (error) {
      if (!request.signal.aborted) tape.end('broken');
      throw error;
    }
    return taped(response, tape);
  }

  #tapeOf(request: Request, asked: Pick<Recording, 'dialect' | 'path' | 'body'>): Tape {
    const { clock = systemClock, secrets = [], maxLength = 10_485_760 } = this.#options;
    const redact = createRedactor({ secrets: [...secrets, ...keysIn(request.headers)] });
    const onEnd = (answer: RecordedAnswer | undefined): void => {
      if (answer === undefined) {
        this.dropped += 1;
        return;
      }
      const recording = { ...asked, answer: withoutKeys(answer, redact) };
      this.#recordings.push(redactJson(recording, redact));
    };
    return new Tape({ clock, maxLength, onEnd });
  }
}

/** A key may be cut by the network, so that it is looked for in the whole: what holds one is kept in one piece. */
function withoutKeys(answer: RecordedAnswer, redact: (text: string) => string): RecordedAnswer {
  const whole = answer.pieces.map(([, text]) => text).join('');
  const clean = redact(whole);
  if (clean === whole) return answer;
  const delayMs = answer.pieces.reduce((total, [pieceMs]) => total + pieceMs, 0);
  return { ...answer, pieces: [[delayMs, clean]] };
}

/** What a request proves itself with, with and without the word before it. */
function keysIn(headers: Headers): readonly string[] {
  return Array.from(headers)
    .filter(([name]) => isSecretHeader(name))
    .flatMap(([, value]) => [value, value.replace(/^\S+ /, '')]);
}

/** Notes one answer while it is read. It ends once. */
class Tape {
  readonly #clock: Clock;
  readonly #maxLength: number;
  readonly #onEnd: (answer: RecordedAnswer | undefined) => void;
  readonly #pieces: (readonly [number, string])[] = [];
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #lastAt: number;
  #length = 0;
  #isOver = false;

  constructor(options: {
    readonly clock: Clock;
    readonly maxLength: number;
    readonly onEnd: (answer: RecordedAnswer | undefined) => void;
  }) {
    this.#clock = options.clock;
    this.#maxLength = options.maxLength;
    this.#onEnd = options.onEnd;
    this.#lastAt = options.clock.now();
  }

  head({ status, headers }: Response): void {
    this.#status = status;
    this.#headers = Object.fromEntries(
      Array.from(headers).filter(([name]) => KEPT_HEADERS.test(name)),
    );
  }

  piece(text: string): void {
    this.#length += text.length;
    if (text === '' || this.#length > this.#maxLength) return;
    const now = this.#clock.now();
    this.#pieces.push([Math.round(now - this.#lastAt), text]);
    this.#lastAt = now;
  }

  end(end: RecordedAnswer['end']): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isTooLong = this.#length > this.#maxLength;
    const answer = { status: this.#status, headers: this.#headers, pieces: this.#pieces, end };
    this.#onEnd(isTooLong ? undefined : answer);
  }
}

/** The same answer, noted as it is read. */
function taped(response: Response, tape: Tape): Response {
  tape.head(response);
  const reader = response.body?.getReader();
  if (reader === undefined) {
    tape.end('whole');
    return response;
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          tape.piece(decoder.decode(value, { stream: !done }));
          if (!done) {
            controller.enqueue(value);
            return;
          }
          tape.end('whole');
          controller.close();
        } catch (error) {
          tape.end('broken');
          throw error;
        }
      },
      cancel: async (reason) => {
        tape.end('left');
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text) as Json; // JSON a moment ago
  } catch {
    return undefined;
  }
}
