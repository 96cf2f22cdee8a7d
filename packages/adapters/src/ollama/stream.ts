import type { CompletionChunk, FinishReason, Usage } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { estimateUsage } from '../transport/estimate.ts';
import { type Fields, nameAt, parseEvent } from '../transport/event.ts';
import { type Fail, failWith } from '../transport/failure.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { countAt, recordAt, textAt } from '../transport/json.ts';
import { complaintFailure, complaintIn } from '../transport/status.ts';
import { Answer } from './answer.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Makes the decoder of one answer of `/api/chat`: synchronous, and without any idea of a network.
 *
 * Its methods throw a `ProviderError`: what the stream says, `malformed` for what is no JSON, `truncated` when it ends
 * without a line that is `done`.
 */
export function createDecoder(options: DecoderOptions = {}): Decoder<CompletionChunk> {
  return new OllamaDecoder(options);
}

class OllamaDecoder implements Decoder<CompletionChunk> {
  readonly #provider: string;
  readonly #fail: Fail;
  readonly #options: DecoderOptions;
  readonly #answer: Answer;
  #createdAt = '';
  #hasStarted = false;
  #isDone = false;

  constructor(options: DecoderOptions) {
    const { provider = 'ollama', fail } = options;
    this.#provider = provider;
    this.#fail = fail ?? failWith({ provider, redact: (text) => text });
    this.#options = options;
    this.#answer = new Answer({
      provider,
      // There is no id of the answer to tell its calls from those of the answers before it, but there is its time.
      makeId: (ordinal) => `call_${this.#createdAt}_${ordinal}`,
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(_name: string, data: string, sink: Sink): void {
    if (this.#isDone || data.trim() === '') return;
    const line = parseEvent(data, { provider: this.#provider, fail: this.#fail });
    if ('error' in line) {
      throw complaintFailure(complaintIn(line), { fail: this.#fail, provider: this.#provider });
    }
    this.#start(line, sink);
    this.#answer.add(recordAt(line, 'message') ?? {}, sink);
    if (line['done'] === true) this.#finish(line, sink);
  }

  end(): void {
    if (this.#isDone) return;
    throw this.#fail('truncated', `The answer of ${this.#provider} ended before its end`);
  }

  #start(line: Fields, sink: Sink): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#createdAt = (textAt(line, 'created_at') ?? '').slice(0, 40).replaceAll(/[^\dTZ]/g, '');
    const { requestId } = this.#options;
    const model = this.#named(line, 'model');
    sink({
      type: 'start',
      ...(model === undefined ? {} : { model }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  #finish(line: Fields, sink: Sink): void {
    this.#isDone = true;
    const { calls } = this.#answer;
    for (const { index, call } of calls) sink({ type: 'tool', index, call });
    const raw = this.#named(line, 'done_reason');
    const finish = { reason: reasonOf(raw, calls.length > 0), raw };
    const message = this.#answer.message();
    sink({ type: 'done', finish, usage: this.#usageOf(line), message, attempts: [] });
  }

  /** What is not told is estimated: the prompt's count is left out where the server had it cached. */
  #usageOf(line: Fields): Usage {
    const input = countAt(line, 'prompt_eval_count');
    const output = countAt(line, 'eval_count');
    if (input !== undefined && output !== undefined) {
      return { input: { total: input }, output: { total: output } };
    }
    const inputTokens = input ?? this.#options.estimateInput?.() ?? 0;
    const estimate = estimateUsage(this.#answer.message(), inputTokens);
    return output === undefined ? estimate : { ...estimate, output: { total: output } };
  }

  #named(fields: Fields, key: string): string | undefined {
    return nameAt(fields, key, this.#options.redact);
  }
}

/** Calls of tools end with `stop`, as everything that goes well; old servers give no reason. */
function reasonOf(raw: string | undefined, hasCalls: boolean): FinishReason {
  switch (raw) {
    case undefined:
    case 'stop':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'length':
      return 'length';
    default: // load and unload: the model was asked nothing
      return 'other';
  }
}
