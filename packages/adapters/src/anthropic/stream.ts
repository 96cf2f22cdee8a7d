import type { CompletionChunk, FinishReason } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { estimateUsage } from '../transport/estimate.ts';
import { type EventContext, type Fields, nameAt, parseEvent } from '../transport/event.ts';
import { type Fail, failWith } from '../transport/failure.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { arrayAt, countAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { complaintFailure, complaintIn } from '../transport/status.ts';
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
  readonly #provider: string;
  readonly #fail: Fail;
  /** What an event is read with. */
  readonly #context: EventContext;
  readonly #options: DecoderOptions;
  readonly #blocks: Blocks;
  readonly #counts = new UsageCounts();
  #responseId = '';
  #hasStarted = false;
  #stopReason: string | undefined;
  #isDone = false;

  constructor(options: DecoderOptions) {
    const { provider = 'anthropic', fail } = options;
    this.#provider = provider;
    this.#fail = fail ?? failWith({ provider, redact: (text) => text });
    this.#context = { provider, fail: this.#fail };
    this.#options = options;
    this.#blocks = new Blocks({
      provider,
      makeId: (ordinal) => `toolu_${this.#responseId}_${ordinal}`,
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(name: string, data: string, sink: Sink): void {
    if (this.#isDone || data.trim() === '') return;
    const event = parseEvent(data, this.#context);
    const type = textAt(event, 'type') ?? name;
    this.#refuseError(type, event);
    switch (type) {
      case 'message_start':
        this.#start(recordAt(event, 'message') ?? {}, sink);
        break;
      case 'content_block_start':
        this.#start({}, sink);
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
    throw this.#fail('truncated', `The answer of ${this.#provider} ended before its end`);
  }

  /** An error names itself; proxies send one without its type. */
  #refuseError(type: string, event: Fields): void {
    const hasError = event['error'] !== undefined && event['error'] !== null;
    if (!hasError && type !== 'error') return;
    throw complaintFailure(complaintIn(event), this.#context);
  }

  #start(message: Fields, sink: Sink): void {
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      const { requestId, redact } = this.#options;
      const model = nameAt(message, 'model', redact);
      const responseId = nameAt(message, 'id', redact);
      this.#responseId = responseId ?? '';
      sink({
        type: 'start',
        ...(model === undefined ? {} : { model }),
        ...(responseId === undefined ? {} : { responseId }),
        ...(requestId === undefined ? {} : { requestId }),
      });
    }
    this.#takeUsage(message, sink);
  }

  #grow(event: Fields, sink: Sink): void {
    if (!this.#hasStarted) this.#start({}, sink);
    const delta = recordAt(event, 'delta') ?? {};
    if (this.#blocks.grow(placeOf(event), delta, sink)) return;
    throw this.#fail('malformed', `${this.#provider} sent a piece of a block that never began`);
  }

  #takeStop(delta: Fields): void {
    const { redact } = this.#options;
    this.#stopReason = nameAt(delta, 'stop_reason', redact) ?? this.#stopReason;
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
    this.#start({}, sink);
    this.#blocks.finishAll(sink);
    const calls = this.#blocks.finishCalls();
    // All are looked at before one is handed out: after that the call could not be tried elsewhere.
    if (calls.some(({ call }) => call === undefined)) {
      throw this.#fail('malformed', `${this.#provider} sent a tool call without a name`);
    }
    for (const { index, call } of calls) {
      if (call !== undefined) sink({ type: 'tool', index, call });
    }
    const message = this.#blocks.message(calls);
    const raw = this.#stopReason;
    const reason = reasonOf(raw, this.#blocks.hasCalls);
    const usage =
      this.#counts.usage ?? estimateUsage(message, this.#options.estimateInput?.() ?? 0);
    sink({ type: 'done', finish: { reason, raw }, usage, message, attempts: [] });
  }
}

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
