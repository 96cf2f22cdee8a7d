import type { AssistantMessage, CompletionChunk, ProviderError, Usage } from '@sluice/core';
import { bounded } from './bound.ts';
import { estimateUsage } from './estimate.ts';
import { type Fail, failWith } from './failure.ts';
import type { DecoderOptions } from './family.ts';
import { type Fields, isRecord, parseJson, textAt } from './json.ts';
import { complaintFailure, complaintIn } from './status.ts';

/** Where a wire names the model and the answer in the event that begins one. */
export interface StartFields {
  readonly model: string;
  /** Default: answers have no id. */
  readonly responseId?: string | undefined;
}

/** How long a model's name, an id or a finish reason may be. */
const MAX_NAME_LENGTH = 200;

/** What every decoder does alike, whatever its wire: read events, begin the answer once, and say what went wrong. */
export class DecoderContext {
  readonly provider: string;
  readonly fail: Fail;
  readonly #options: DecoderOptions;
  #responseId = '';
  #hasStarted = false;

  /** `family` is the provider's name where the options give none. */
  constructor(options: DecoderOptions, family: string) {
    const { provider = family, fail = failWith({ provider, redact: (text) => text }) } = options;
    this.provider = provider;
    this.fail = fail;
    this.#options = options;
  }

  /** The id of the answer; empty before it is known. */
  get responseId(): string {
    return this.#responseId;
  }

  /** The tokens of the request, for servers that do not tell. */
  get estimatedInput(): number {
    return this.#options.estimateInput?.() ?? 0;
  }

  /** Parses the data of an event. @throws {ProviderError} `malformed`, when it is no JSON object. */
  parse(data: string): Fields {
    let event: unknown;
    try {
      event = parseJson(data);
    } catch (thrown) {
      throw this.fail('malformed', `${this.provider} sent an event that is no JSON`, {
        // The parser's message quotes what it read, and that is the model's content.
        thrown: thrown instanceof SyntaxError ? undefined : thrown,
      });
    }
    if (isRecord(event)) return event;
    throw this.fail('malformed', `${this.provider} sent an event that is no object`);
  }

  /** Reads a name that the server gives: secrets taken out of it, and cut. */
  nameAt(fields: Fields, key: string): string | undefined {
    const name = textAt(fields, key);
    if (name === undefined) return undefined;
    return bounded(this.#options.redact?.(name) ?? name, MAX_NAME_LENGTH);
  }

  /** Tells that the answer has begun. Later calls do nothing. */
  start(fields: Fields, at: StartFields, sink: (chunk: CompletionChunk) => void): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { requestId } = this.#options;
    const model = this.nameAt(fields, at.model);
    const responseId = at.responseId === undefined ? undefined : this.nameAt(fields, at.responseId);
    this.#responseId = responseId ?? '';
    sink({
      type: 'start',
      ...(model === undefined ? {} : { model }),
      ...(responseId === undefined ? {} : { responseId }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  /** Estimates what an answer took, for servers that do not tell all of it. */
  estimate(message: AssistantMessage, inputTokens: number = this.estimatedInput): Usage {
    return estimateUsage(message, inputTokens);
  }

  /** The failure that an event tells of. */
  complaint(event: Fields): ProviderError {
    return complaintFailure(complaintIn(event), this);
  }

  /** The failure of a body that ended before the answer did. */
  truncated(): ProviderError {
    return this.fail('truncated', `The answer of ${this.provider} ended before its end`);
  }

  /** The failure of a tool call that nobody could run. */
  namelessCall(): ProviderError {
    return this.fail('malformed', `${this.provider} sent a tool call without a name`);
  }
}
