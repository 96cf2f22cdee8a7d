import type { CompletionChunk } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { estimateUsage } from '../transport/estimate.ts';
import { type Fields, nameAt, parseEvent } from '../transport/event.ts';
import { type Fail, failWith } from '../transport/failure.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { arrayAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { complaintFailure, complaintIn } from '../transport/status.ts';
import { Answer } from './answer.ts';
import { reasonOf } from './finish.ts';
import { UsageCounter } from './usage.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Makes the decoder of one answer of `streamGenerateContent`: synchronous, and without any idea of a network.
 *
 * Its methods throw a `ProviderError`: what the stream says, `content-filter` when the prompt was blocked, `malformed`
 * for what is no JSON, `truncated` when it ends without a `finishReason`.
 */
export function createDecoder(options: DecoderOptions = {}): Decoder<CompletionChunk> {
  return new GeminiDecoder(options);
}

class GeminiDecoder implements Decoder<CompletionChunk> {
  readonly #provider: string;
  readonly #fail: Fail;
  readonly #options: DecoderOptions;
  readonly #answer: Answer;
  readonly #usage = new UsageCounter();
  #responseId = '';
  #hasStarted = false;
  #finishReason: string | undefined;
  #isDone = false;

  constructor(options: DecoderOptions) {
    const { provider = 'gemini', fail } = options;
    this.#provider = provider;
    this.#fail = fail ?? failWith({ provider, redact: (text) => text });
    this.#options = options;
    this.#answer = new Answer({
      provider,
      makeId: (ordinal) => `call_${this.#responseId}_${ordinal}`,
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(_name: string, data: string, sink: Sink): void {
    if (this.#isDone) return;
    const text = data.trim();
    if (text === '' || text === '[DONE]') return; // some proxies speak OpenAI's last word
    for (const event of this.#eventsIn(text)) this.#take(event, sink);
  }

  /** Nothing but the end of the body says that no more comes: a finish reason may stand in events before the last. */
  end(sink: Sink): void {
    if (this.#isDone) return;
    if (this.#finishReason === undefined) {
      throw this.#fail('truncated', `The answer of ${this.#provider} ended before its end`);
    }
    this.#finish(this.#finishReason, sink);
  }

  /** Without `alt=sse` a whole answer is one array, and so are some errors. */
  #eventsIn(text: string): readonly Fields[] {
    const context = { provider: this.#provider, fail: this.#fail };
    if (!text.startsWith('[')) return [parseEvent(text, context)];
    return arrayAt(parseEvent(`{"events":${text}}`, context), 'events').filter(isRecord);
  }

  #take(event: Fields, sink: Sink): void {
    if ('error' in event) {
      throw complaintFailure(complaintIn(event), { fail: this.#fail, provider: this.#provider });
    }
    this.#start(event, sink);
    this.#takeUsage(event, sink);
    const candidate = arrayAt(event, 'candidates').find(isFirst);
    if (candidate !== undefined) this.#takeCandidate(candidate, sink);
    if (candidate === undefined) this.#refuseBlocked(event);
  }

  #start(event: Fields, sink: Sink): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { requestId } = this.#options;
    const model = this.#named(event, 'modelVersion');
    const responseId = this.#named(event, 'responseId');
    this.#responseId = responseId ?? '';
    sink({
      type: 'start',
      ...(model === undefined ? {} : { model }),
      ...(responseId === undefined ? {} : { responseId }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  #takeCandidate(candidate: Fields, sink: Sink): void {
    const content = recordAt(candidate, 'content') ?? {};
    for (const part of arrayAt(content, 'parts')) this.#answer.add(part, sink);
    this.#finishReason = this.#named(candidate, 'finishReason') ?? this.#finishReason;
  }

  #takeUsage(event: Fields, sink: Sink): void {
    const metadata = recordAt(event, 'usageMetadata');
    if (metadata === undefined || !this.#usage.add(metadata)) return;
    const usage = this.#usage.usage(this.#estimateInput);
    if (usage !== undefined) sink({ type: 'usage', usage });
  }

  /** A blocked prompt has no candidate at all, and no answer will come. */
  #refuseBlocked(event: Fields): void {
    const reason = textAt(recordAt(event, 'promptFeedback') ?? {}, 'blockReason');
    if (reason === undefined) return;
    throw this.#fail('content-filter', `${this.#provider} blocked the prompt: ${reason}`, {
      providerCode: reason,
    });
  }

  #finish(raw: string, sink: Sink): void {
    this.#isDone = true;
    const calls = this.#answer.finishCalls(sink);
    for (const { index, call } of calls) sink({ type: 'tool', index, call });
    const message = this.#answer.message(calls);
    const usage =
      this.#usage.usage(this.#estimateInput) ?? estimateUsage(message, this.#estimateInput());
    const reason = reasonOf(raw, this.#answer.hasCalls);
    sink({ type: 'done', finish: { reason, raw }, usage, message, attempts: [] });
  }

  readonly #estimateInput = (): number => this.#options.estimateInput?.() ?? 0;

  #named(fields: Fields, key: string): string | undefined {
    return nameAt(fields, key, this.#options.redact);
  }
}

/** With `candidateCount` above 1, which is never asked for, there would be others. */
function isFirst(candidate: unknown): candidate is Fields {
  return isRecord(candidate) && (candidate['index'] ?? 0) === 0;
}
