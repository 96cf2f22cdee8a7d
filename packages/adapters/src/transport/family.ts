import type { CompletionChunk, CompletionRequest, JsonObject, RateLimits } from '@sluice/core';
import type { Decoder, Framing } from './decode.ts';
import type { Fail } from './failure.ts';
import type { HeaderSource } from './retry-after.ts';

/** What a family of wires needs to say for `createClient` to do the rest: pure functions, without a network. */
export interface Family {
  /** How the body is told apart into events: `createSseReader` or `createLineReader`. */
  readonly framing: Framing;
  /**
   * Writes a request. `model` is the request's own, or else the client's.
   *
   * @throws {TypeError} for what the wire cannot carry.
   */
  encode(request: CompletionRequest, model: string): WireRequest;
  /** Makes the decoder of one answer. It is also given whole answers, as one event: proxies send them at times. */
  createDecoder(options: DecoderOptions): Decoder<CompletionChunk>;
  /** Reads the id to name in a question to the provider's support. */
  readRequestId(headers: HeaderSource, redact: (text: string) => string): string | undefined;
  /** Reads the rate limits; `undefined` when there are none, as in browsers. `nowMs` is epoch milliseconds. */
  readRateLimits(headers: HeaderSource, nowMs: number): RateLimits | undefined;
}

/** A request as it travels, always by POST. */
export interface WireRequest {
  /** Below the account's base URL, without a leading slash. */
  readonly path: string;
  /** Headers of this very request, none of them secret. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: JsonObject;
}

/** What a decoder is told of the attempt around it. All optional: recorded streams decode without an attempt. */
export interface DecoderOptions {
  /** The provider's name. Default: the family's. */
  readonly provider?: string | undefined;
  /** Makes the attempt's errors. Default: errors that name the provider alone. */
  readonly fail?: Fail | undefined;
  readonly requestId?: string | undefined;
  /** Takes secrets out of what the server says of itself. Default: leaves it as it is. */
  readonly redact?: ((text: string) => string) | undefined;
  /** Counts the request's tokens, for servers that tell no usage. Default: 0. */
  readonly estimateInput?: (() => number) | undefined;
}

/** The longest request id that is kept. */
const MAX_ID_LENGTH = 100;

/** Reads a request id from the first of these headers that is there. */
export function readIdFrom(
  names: readonly string[],
  headers: HeaderSource,
  redact: (text: string) => string,
): string | undefined {
  for (const name of names) {
    const id = headers.get(name);
    if (id !== null && id !== '') return redact(id).slice(0, MAX_ID_LENGTH);
  }
  return undefined;
}
