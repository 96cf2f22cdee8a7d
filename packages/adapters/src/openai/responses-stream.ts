import type { CompletionChunk, Finish, Usage } from '@sluice/core';
import type { Decoder } from '../transport/decode.ts';
import { DecoderContext } from '../transport/decoder-context.ts';
import { estimateUsage } from '../transport/estimate.ts';
import type { DecoderOptions } from '../transport/family.ts';
import { type Fields, arrayAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { ResponsesAnswer } from './responses-answer.ts';
import { readResponseUsage } from './responses-usage.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Makes the decoder of one answer of Responses: synchronous, and without any idea of a network.
 *
 * Its methods throw a `ProviderError`: what the stream says, `malformed` for what is no JSON, `truncated` when it ends
 * with none of `response.completed`, `response.incomplete` and `response.failed`.
 */
export function createResponsesDecoder(options: DecoderOptions = {}): Decoder<CompletionChunk> {
  return new ResponsesDecoder(options);
}

class ResponsesDecoder implements Decoder<CompletionChunk> {
  readonly #context: DecoderContext;
  readonly #answer: ResponsesAnswer;
  #isDone = false;

  constructor(options: DecoderOptions) {
    this.#context = new DecoderContext(options, { provider: 'openai' });
    this.#answer = new ResponsesAnswer(this.#context);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  event(name: string, data: string, sink: Sink): void {
    if (this.#isDone) return;
    const text = data.trim();
    if (text === '' || text === '[DONE]') return; // OpenRouter's own, after an end or in the place of one
    const event = this.#context.parse(text);
    const type = textAt(event, 'type') ?? name;
    this.#refuseError(type, event);
    // A whole answer, which some proxies send to a streaming request, is a response without an event around it.
    const response = event['object'] === 'response' ? event : recordAt(event, 'response');
    if (response !== undefined || type.startsWith('response.')) {
      this.#context.start(response ?? {}, sink);
    }
    if (response === undefined) this.#take(type, event, sink);
    else this.#look(type, response, sink);
  }

  end(): void {
    if (this.#isDone) return;
    throw this.#context.truncated();
  }

  #refuseError(type: string, event: Fields): void {
    const hasError = event['error'] !== undefined && event['error'] !== null;
    if (hasError || type === 'error') throw this.#failure(event);
  }

  #failure(event: Fields): Error {
    return this.#context.complaint(event);
  }

  /** Takes an event of an item. What nobody knows is left alone: servers tell of many things on the way. */
  #take(type: string, event: Fields, sink: Sink): void {
    const answer = this.#answer;
    switch (type) {
      case 'response.output_text.delta':
        answer.addText(event, sink);
        break;
      case 'response.refusal.delta':
        answer.addRefusal(event, sink);
        break;
      case 'response.output_text.done':
      case 'response.refusal.done':
        answer.closeText(event, event, sink);
        break;
      case 'response.content_part.done':
        this.#closePart(event, sink);
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_summary_text.done':
        answer.addThought(event, 'summary', sink);
        break;
      case 'response.reasoning_text.delta':
      case 'response.reasoning_text.done':
        answer.addThought(event, 'content', sink);
        break;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        answer.addArguments(event, sink);
        break;
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        answer.closeArguments(event, sink);
        break;
      case 'response.output_item.added':
        answer.open(event, recordAt(event, 'item') ?? {}, sink);
        break;
      case 'response.output_item.done':
        answer.close(event, recordAt(event, 'item') ?? {}, sink);
        break;
    }
  }

  /** Parts of reasoning come under the same name. */
  #closePart(event: Fields, sink: Sink): void {
    const part = recordAt(event, 'part') ?? {};
    const type = textAt(part, 'type');
    if (type === 'output_text' || type === 'refusal') this.#answer.closeText(event, part, sink);
  }

  /** Looks at the response as a whole, which comes at the beginning and at the end. */
  #look(type: string, response: Fields, sink: Sink): void {
    const status = type.startsWith('response.')
      ? type.slice('response.'.length)
      : response['status'];
    switch (status) {
      case 'failed':
        this.#takeUsage(response, sink); // what failed has been paid for all the same
        throw this.#failure(response);
      case 'completed':
      case 'incomplete':
        this.#finish(response, status, sink);
        break;
    }
  }

  #takeUsage(response: Fields, sink: Sink): Usage | undefined {
    const usage = readResponseUsage(response);
    if (usage !== undefined) sink({ type: 'usage', usage });
    return usage;
  }

  #finish(response: Fields, status: 'completed' | 'incomplete', sink: Sink): void {
    this.#isDone = true;
    const answer = this.#answer;
    if (answer.isEmpty) this.#takeOutput(response, sink);
    const calls = answer.finishCalls({ isCut: status === 'incomplete' });
    const told = this.#takeUsage(response, sink);
    this.#context.handOut(calls, sink);
    const message = answer.message(calls);
    const usage = told ?? estimateUsage(message, this.#context.estimateInput());
    const finish = status === 'completed' ? this.#whole() : this.#cut(response);
    sink({ type: 'done', finish, usage, message, attempts: [] });
  }

  /** The whole output, of servers that tell it only at the end. */
  #takeOutput(response: Fields, sink: Sink): void {
    for (const [place, item] of arrayAt(response, 'output').entries()) {
      if (isRecord(item)) this.#answer.close({ output_index: place }, item, sink);
    }
  }

  /** There is no finish reason on this wire: it is what the answer is made of. */
  #whole(): Finish {
    const { isRefusal, hasCalls } = this.#answer;
    if (isRefusal) return { reason: 'content-filter', raw: 'completed' };
    return { reason: hasCalls ? 'tool-calls' : 'stop', raw: 'completed' };
  }

  #cut(response: Fields): Finish {
    const details = recordAt(response, 'incomplete_details') ?? {};
    const raw = this.#context.nameAt(details, 'reason') ?? 'incomplete';
    if (raw === 'max_output_tokens') return { reason: 'length', raw };
    return { reason: raw === 'content_filter' ? 'content-filter' : 'other', raw };
  }
}
