import type { CompletionChunk, ProviderError } from '@sluice/core';
import type { AnswerContext, PlacedCall } from './answer.ts';
import { bounded } from './bound.ts';
import { type Fail, failWith } from './failure.ts';
import type { DecoderOptions } from './family.ts';
import { type Fields, parseFields, textAt } from './json.ts';
import { complaintFailure, complaintIn } from './status.ts';

type Sink = (chunk: CompletionChunk) => void;

/** What a wire calls things. */
export interface WireNames {
  /** The provider's name, where the options give none. */
  readonly provider: string;
  /** The field of an event that names the model. Default: `model`. */
  readonly model?: string;
  /** The field of an event that has the answer's id. Default: `id`. */
  readonly id?: string;
}

/** How long a model's name, an id or a finish reason may be. */
const MAX_NAME_LENGTH = 200;

/** What every decoder does alike, whatever its wire: read events, begin the answer once, hand calls out, and say what went wrong. */
export class DecoderContext implements AnswerContext {
  readonly provider: string;
  readonly fail: Fail;
  /** Counts the tokens of the request, for servers that do not. */
  readonly estimateInput: () => number;
  readonly #wire: WireNames;
  readonly #redact: (text: string) => string;
  readonly #requestId: string | undefined;
  /** Of the answer; missing before it is known. */
  #id: string | undefined;
  #hasStarted = false;

  constructor(options: DecoderOptions, wire: WireNames) {
    const { provider = wire.provider, redact = (text) => text } = options;
    this.provider = provider;
    this.fail = options.fail ?? failWith({ provider, redact });
    this.estimateInput = options.estimateInput ?? ((): number => 0);
    this.#wire = wire;
    this.#redact = redact;
    this.#requestId = options.requestId;
  }

  /** Makes an id for a tool call that came without one, unlike those of other answers. */
  readonly makeId = (ordinal: number): string => `call_${this.#id ?? ''}_${ordinal}`;

  /** Parses the data of an event. @throws {ProviderError} `malformed`, when it is no JSON object. */
  parse(data: string): Fields {
    const event = parseFields(data);
    if (event !== undefined) return event;
    throw this.fail('malformed', `${this.provider} sent an event that is no JSON object`);
  }

  /** Reads a name that the server gives: secrets taken out of it, and cut. */
  nameAt(fields: Fields, key: string): string | undefined {
    const name = textAt(fields, key);
    return name === undefined ? name : bounded(this.#redact(name), MAX_NAME_LENGTH);
  }

  /** Tells that the answer has begun. Later calls do nothing. */
  start(fields: Fields, sink: Sink): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const model = this.nameAt(fields, this.#wire.model ?? 'model');
    this.#id = this.nameAt(fields, this.#wire.id ?? 'id');
    sink({ type: 'start', model, responseId: this.#id, requestId: this.#requestId });
  }

  /** Hands out tool calls that are whole. @throws {ProviderError} `malformed`, when one has no name: nobody could run it. */
  handOut(calls: readonly PlacedCall[], sink: Sink): void {
    // All are looked at before one is handed out: after that the call could not be tried elsewhere.
    if (calls.some(({ call }) => call === undefined)) {
      throw this.fail('malformed', `${this.provider} sent a tool call without a name`);
    }
    for (const { index, call } of calls) {
      if (call !== undefined) sink({ type: 'tool', index, call });
    }
  }

  /** The failure that an event tells of. */
  complaint(event: Fields): ProviderError {
    return complaintFailure(complaintIn(event), this);
  }

  /** The failure of a body that ended before the answer did. */
  truncated(): ProviderError {
    return this.fail('truncated', `The answer of ${this.provider} ended before its end`);
  }
}
