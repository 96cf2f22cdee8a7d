import type { CompletionChunk, FinishReason } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { DecoderContext } from '../transport/decoder-context.ts';
import { estimateUsage } from '../transport/estimate.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { type Fields, arrayAt, countAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { Blocks } from './blocks.ts';
import { UsageCounts } from './usage.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Makes the decoder of one answer of Anthropic's Messages: synchronous, and without any idea of a network.
 *
 * Its methods throw a `ProviderError`: what the stream says, `malformed` for what is no JSON, `truncated` when it ends
 * without `message_stop`.
 */
export function createDecoder(options: DecoderOptions = {}): Decoder<CompletionChunk> {
  return new MessageDecoder(options);
}

class MessageDecoder implements Decoder<CompletionChunk> {
  readonly #context: DecoderContext;
  readonly #blocks: Blocks;
  readonly #counts = new UsageCounts();
  #stopReason: string | undefined;
  #isDone = false;

  constructor(options: DecoderOptions) {
    this.#context = new DecoderContext(options, { provider: 'anthropic' });
    this.#blocks = new Blocks(this.#context);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(name: string, data: string, sink: Sink): void {
    if (this.#isDone || data.trim() === '') return;
    const event = this.#context.parse(data);
    const type = textAt(event, 'type') ?? name;
    this.#refuseError(type, event);
    switch (type) {
      case 'message_start':
        this.#start(recordAt(event, 'message') ?? {}, sink);
        break;
      case 'content_block_start':
        this.#context.start(NO_MESSAGE, sink);
        this.#blocks.begin(placeOf(event), recordAt(event, 'content_block') ?? {}, sink);
        break;
      case 'content_block_delta':
        this.#grow(event, sink);
        break;
      case 'content_block_stop':
        this.#blocks.finish(placeOf(event), sink);
        break;
      case 'message_delta':
        this.#takeStop(recordAt(event, 'delta') ?? {});
        this.#takeUsage(event, sink);
        break;
      case 'message_stop':
        this.#finish(sink);
        break;
      case 'message':
        this.#takeWhole(event, sink);
        break;
      default: // a ping, or what a later version of the wire adds
    }
  }

  end(): void {
    if (this.#isDone) return;
    throw this.#context.truncated();
  }

  /** An error names itself; proxies send one without its type. */
  #refuseError(type: string, event: Fields): void {
    const hasError = event['error'] !== undefined && event['error'] !== null;
    if (!hasError && type !== 'error') return;
    throw this.#context.complaint(event);
  }

  #start(message: Fields, sink: Sink): void {
    this.#context.start(message, sink);
    this.#takeUsage(message, sink);
  }

  #grow(event: Fields, sink: Sink): void {
    this.#context.start(NO_MESSAGE, sink);
    const delta = recordAt(event, 'delta') ?? {};
    if (this.#blocks.grow(placeOf(event), delta, sink)) return;
    throw this.#context.fail(
      'malformed',
      `${this.#context.provider} sent a piece of a block that never began`,
    );
  }

  #takeStop(delta: Fields): void {
    this.#stopReason = this.#context.nameAt(delta, 'stop_reason') ?? this.#stopReason;
  }

  #takeUsage(event: Fields, sink: Sink): void {
    if (!this.#counts.take(event)) return;
    const { usage } = this.#counts;
    if (usage !== undefined) sink({ type: 'usage', usage });
  }

  /** A whole answer, which some proxies send to a streaming request. */
  #takeWhole(message: Fields, sink: Sink): void {
    this.#start(message, sink);
    for (const [place, block] of arrayAt(message, 'content').entries()) {
      if (isRecord(block)) this.#blocks.begin(place, block, sink);
    }
    this.#takeStop(message);
    this.#finish(sink);
  }

  #finish(sink: Sink): void {
    this.#isDone = true;
    this.#context.start(NO_MESSAGE, sink);
    this.#blocks.finishAll(sink);
    const calls = this.#blocks.finishCalls();
    this.#context.handOut(calls, sink);
    const message = this.#blocks.message(calls);
    const raw = this.#stopReason;
    const reason = reasonOf(raw, this.#blocks.hasCalls);
    const usage = this.#counts.usage ?? estimateUsage(message, this.#context.estimateInput());
    sink({ type: 'done', finish: { reason, raw }, usage, message, attempts: [] });
  }
}

/** What is known of an answer whose `message_start` never came. */
const NO_MESSAGE: Fields = {};

/** The place of a block among those of its answer, as the wire counts them. */
function placeOf(event: Fields): number {
  return countAt(event, 'index') ?? 0;
}

/** `pause_turn` is `other`: the provider's own tools are at work, and the turn goes on when its content is sent back. */
function reasonOf(raw: string | undefined, hasCalls: boolean): FinishReason {
  switch (raw) {
    case undefined:
    case 'end_turn':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'stop_sequence':
      return 'stop';
    case 'tool_use':
      return 'tool-calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'content-filter';
    default:
      return 'other';
  }
}
