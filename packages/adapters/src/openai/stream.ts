import type { CompletionChunk, Finish, FinishReason, Usage } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { DecoderContext } from '../transport/decoder-context.ts';
import { estimateUsage } from '../transport/estimate.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { type Fields, arrayAt, isRecord, recordAt } from '../transport/json.ts';
import { Answer } from './answer.ts';
import { findUsage, isSameUsage } from './usage.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Makes the decoder of one answer of Chat Completions, or of one of the many servers that speak it: synchronous, and
 * without any idea of a network.
 *
 * Its methods throw a `ProviderError`: what the stream says, `malformed` for what is no JSON, `truncated` when it ends
 * with neither a `finish_reason` nor `[DONE]`.
 */
export function createDecoder(options: DecoderOptions = {}): Decoder<CompletionChunk> {
  return new ChatDecoder(options);
}

class ChatDecoder implements Decoder<CompletionChunk> {
  readonly #context: DecoderContext;
  readonly #answer: Answer;
  #finishReason: string | undefined;
  #usage: Usage | undefined;
  #isDone = false;

  constructor(options: DecoderOptions) {
    this.#context = new DecoderContext(options, { provider: 'openai' });
    this.#answer = new Answer(this.#context);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(name: string, data: string, sink: Sink): void {
    if (this.#isDone) return;
    const text = data.trim();
    if (text === '') return;
    if (text === '[DONE]') {
      this.#finish(sink);
      return;
    }
    const event = this.#context.parse(text);
    this.#refuseError(name, event);
    this.#start(event, sink);
    const choice = arrayAt(event, 'choices').find(isFirstChoice);
    if (choice !== undefined) this.#takeChoice(choice, sink);
    this.#takeUsage(event, sink);
  }

  end(sink: Sink): void {
    if (this.#isDone) return;
    if (this.#finishReason !== undefined) {
      this.#finish(sink); // some servers leave out [DONE]
      return;
    }
    throw this.#context.truncated();
  }

  /** A chunk with an error is an error, even if it has choices, and even after a finish reason. */
  #refuseError(name: string, event: Fields): void {
    const hasError = event['error'] !== undefined && event['error'] !== null;
    if (!hasError && event['object'] !== 'error' && name !== 'error') return;
    throw this.#context.complaint(event);
  }

  /** Azure's first event has neither choices nor an id: the start waits for one that has. */
  #start(event: Fields, sink: Sink): void {
    if (arrayAt(event, 'choices').length > 0) this.#context.start(event, sink);
  }

  #takeChoice(choice: Fields, sink: Sink): void {
    // A whole answer, which some proxies send to a streaming request, has a message in the place of the delta.
    const delta = recordAt(choice, 'delta') ?? recordAt(choice, 'message');
    if (delta !== undefined) this.#answer.add(delta, sink);
    this.#finishReason = this.#context.nameAt(choice, 'finish_reason') ?? this.#finishReason;
  }

  #takeUsage(event: Fields, sink: Sink): void {
    const usage = findUsage(event);
    if (usage === undefined || isSameUsage(this.#usage, usage)) return;
    this.#usage = usage;
    sink({ type: 'usage', usage });
  }

  #finish(sink: Sink): void {
    this.#isDone = true;
    const calls = this.#answer.finishCalls();
    this.#context.handOut(calls, sink);
    const message = this.#answer.message(calls);
    const usage = this.#usage ?? estimateUsage(message, this.#context.estimateInput());
    sink({ type: 'done', finish: this.#finishOf(), usage, message, attempts: [] });
  }

  #finishOf(): Finish {
    const raw = this.#finishReason;
    const { isRefusal, hasCalls } = this.#answer;
    const reason = isRefusal ? 'content-filter' : reasonOf(raw, hasCalls);
    return { reason, raw };
  }
}

/** With `n` above 1, which is never asked for, there would be others. */
function isFirstChoice(choice: unknown): choice is Fields {
  return isRecord(choice) && (choice['index'] ?? 0) === 0;
}

/** Some servers say `stop`, or nothing, where tools are to be called. */
function reasonOf(raw: string | undefined, hasCalls: boolean): FinishReason {
  switch (raw) {
    case undefined:
    case 'stop':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'length':
    case 'model_length': // Mistral
      return 'length';
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}
