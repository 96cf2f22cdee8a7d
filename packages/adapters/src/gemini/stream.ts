import type { CompletionChunk } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { DecoderContext } from '../transport/decoder-context.ts';
import { estimateUsage } from '../transport/estimate.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { type Fields, arrayAt, isRecord, recordAt, textAt } from '../transport/json.ts';
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
  readonly #context: DecoderContext;
  readonly #answer: Answer;
  readonly #usage = new UsageCounter();
  #finishReason: string | undefined;
  #isDone = false;

  constructor(options: DecoderOptions) {
    this.#context = new DecoderContext(options, WIRE);
    this.#answer = new Answer(this.#context);
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
      throw this.#context.truncated();
    }
    this.#finish(this.#finishReason, sink);
  }

  /** Without `alt=sse` a whole answer is one array, and so are some errors. */
  #eventsIn(text: string): readonly Fields[] {
    if (!text.startsWith('[')) return [this.#context.parse(text)];
    return arrayAt(this.#context.parse(`{"events":${text}}`), 'events').filter(isRecord);
  }

  #take(event: Fields, sink: Sink): void {
    if ('error' in event) throw this.#context.complaint(event);
    this.#context.start(event, sink);
    this.#takeUsage(event, sink);
    const candidate = arrayAt(event, 'candidates').find(isFirst);
    if (candidate !== undefined) this.#takeCandidate(candidate, sink);
    if (candidate === undefined) this.#refuseBlocked(event);
  }

  #takeCandidate(candidate: Fields, sink: Sink): void {
    const content = recordAt(candidate, 'content') ?? {};
    for (const part of arrayAt(content, 'parts')) this.#answer.add(part, sink);
    this.#finishReason = this.#context.nameAt(candidate, 'finishReason') ?? this.#finishReason;
  }

  #takeUsage(event: Fields, sink: Sink): void {
    const metadata = recordAt(event, 'usageMetadata');
    if (metadata === undefined || !this.#usage.add(metadata)) return;
    const usage = this.#usage.usage(this.#context.estimateInput);
    if (usage !== undefined) sink({ type: 'usage', usage });
  }

  /** A blocked prompt has no candidate at all, and no answer will come. */
  #refuseBlocked(event: Fields): void {
    const reason = textAt(recordAt(event, 'promptFeedback') ?? {}, 'blockReason');
    if (reason === undefined) return;
    throw this.#context.fail(
      'content-filter',
      `${this.#context.provider} blocked the prompt: ${reason}`,
      {
        providerCode: reason,
      },
    );
  }

  #finish(raw: string, sink: Sink): void {
    this.#isDone = true;
    const calls = this.#answer.finishCalls(sink);
    this.#context.handOut(calls, sink);
    const message = this.#answer.message(calls);
    const usage =
      this.#usage.usage(this.#context.estimateInput) ??
      estimateUsage(message, this.#context.estimateInput());
    const reason = reasonOf(raw, this.#answer.hasCalls);
    sink({ type: 'done', finish: { reason, raw }, usage, message, attempts: [] });
  }
}

const WIRE = { provider: 'gemini', model: 'modelVersion', id: 'responseId' };

/** With `candidateCount` above 1, which is never asked for, there would be others. */
function isFirst(candidate: unknown): candidate is Fields {
  return isRecord(candidate) && (candidate['index'] ?? 0) === 0;
}
