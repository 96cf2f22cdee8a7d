import type { CompletionChunk, FinishReason, Usage } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { DecoderContext } from '../transport/decoder-context.ts';
import { estimateUsage } from '../transport/estimate.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { type Fields, countAt, recordAt } from '../transport/json.ts';
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
  readonly #context: DecoderContext;
  readonly #answer: Answer;
  #createdAt = '';
  #isDone = false;

  constructor(options: DecoderOptions) {
    this.#context = new DecoderContext(options, { provider: 'ollama' });
    this.#answer = new Answer({
      provider: this.#context.provider,
      // There is no id of the answer to tell its calls from those of the answers before it, but there is its time.
      makeId: (ordinal) => `call_${this.#createdAt}_${ordinal}`,
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(_name: string, data: string, sink: Sink): void {
    if (this.#isDone || data.trim() === '') return;
    const line = this.#context.parse(data);
    if ('error' in line) throw this.#context.complaint(line);
    this.#start(line, sink);
    this.#answer.add(recordAt(line, 'message') ?? {}, sink);
    if (line['done'] === true) this.#finish(line, sink);
  }

  end(): void {
    if (this.#isDone) return;
    throw this.#context.truncated();
  }

  #start(line: Fields, sink: Sink): void {
    this.#createdAt ||= this.#context.nameAt(line, 'created_at')?.replaceAll(/[^\dTZ]/g, '') ?? '';
    this.#context.start(line, sink);
  }

  #finish(line: Fields, sink: Sink): void {
    this.#isDone = true;
    const { calls } = this.#answer;
    this.#context.handOut(calls, sink);
    const raw = this.#context.nameAt(line, 'done_reason');
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
    const inputTokens = input ?? this.#context.estimateInput();
    const estimate = estimateUsage(this.#answer.message(), inputTokens);
    return output === undefined ? estimate : { ...estimate, output: { total: output } };
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
