import type {
  AssistantMessage,
  CompletionChunk,
  ContentPart,
  JsonObject,
  ProviderExtra,
} from '@sluice/core';
import type { AnswerContext, PlacedCall } from '../transport/answer.ts';
import { type Fields, arrayAt, isRecord, textAt } from '../transport/json.ts';
import { ToolCalls } from './tool-calls.ts';

type Sink = (chunk: CompletionChunk) => void;

/**
 * Puts an answer together from its deltas and hands each on as a chunk: text, thinking under the names that servers give
 * it, and tool calls. A part takes its place in the message with its first piece.
 */
export class Answer {
  readonly #provider: string;
  readonly #text = new TextPieces();
  readonly #thinking = new TextPieces();
  readonly #details: JsonObject[] = [];
  readonly #calls: ToolCalls;
  #thinkingField: string | undefined;
  #isRefusal = false;
  #parts = 0;

  constructor({ provider, makeId }: AnswerContext) {
    this.#provider = provider;
    this.#calls = new ToolCalls({ nextIndex: () => this.#nextIndex(), makeId });
  }

  /** Whether the model declined to answer. */
  get isRefusal(): boolean {
    return this.#isRefusal;
  }

  /** Whether tools are to be called. */
  get hasCalls(): boolean {
    return this.#calls.size > 0;
  }

  /** Takes what a chunk adds. */
  add(delta: Fields, sink: Sink): void {
    this.#addThinking(delta, sink);
    const { content } = delta;
    if (typeof content === 'string') this.#addText(content, sink);
    else if (Array.isArray(content)) for (const part of content) this.#addPart(part, sink);
    const refusal = textAt(delta, 'refusal');
    if (refusal !== undefined) {
      this.#isRefusal = true;
      this.#addText(refusal, sink);
    }
    for (const piece of arrayAt(delta, 'tool_calls')) this.#calls.add(piece, sink);
  }

  /** Completes the tool calls, in their order. */
  finishCalls(): readonly PlacedCall[] {
    return this.#calls.finish();
  }

  /** The message that the chunks add up to. */
  message(calls: readonly PlacedCall[]): AssistantMessage {
    const content: ContentPart[] = [];
    const { index: textIndex, text } = this.#text;
    if (textIndex !== undefined) content[textIndex] = { type: 'text', text };
    const { index: thinkingIndex, text: thought } = this.#thinking;
    if (thinkingIndex !== undefined) {
      content[thinkingIndex] = { type: 'thinking', text: thought, extra: this.#extra() };
    }
    for (const { index, call } of calls) {
      if (call !== undefined) content[index] = { type: 'tool-call', call };
    }
    return { role: 'assistant', content };
  }

  #addText(delta: string, sink: Sink): void {
    if (delta === '') return;
    const index = this.#text.add(delta, () => this.#nextIndex());
    sink({ type: 'text', index, delta });
  }

  #addThinking(delta: Fields, sink: Sink): void {
    const hasContent = textAt(delta, 'reasoning_content') !== undefined;
    const field = hasContent ? 'reasoning_content' : 'reasoning';
    const text = textAt(delta, field);
    if (text !== undefined) {
      this.#thinkingField = field;
      this.#think(text, sink);
    }
    for (const detail of arrayAt(delta, 'reasoning_details')) {
      if (!isRecord(detail)) continue;
      this.#thinking.add('', () => this.#nextIndex()); // encrypted thinking has no text, and still goes back
      this.#details.push(detail as JsonObject); // it was JSON a moment ago
    }
  }

  #think(delta: string, sink: Sink): void {
    const index = this.#thinking.add(delta, () => this.#nextIndex());
    sink({ type: 'thinking', index, delta });
  }

  /** Mistral's content is a list: `{type: 'text', text}`, `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
  #addPart(part: unknown, sink: Sink): void {
    if (!isRecord(part)) return;
    if (part['type'] === 'text') this.#addText(textAt(part, 'text') ?? '', sink);
    if (part['type'] !== 'thinking') return;
    for (const thought of arrayAt(part, 'thinking')) {
      const text = isRecord(thought) ? textAt(thought, 'text') : undefined;
      if (text !== undefined) this.#think(text, sink);
    }
  }

  /** Under which name the thinking came, and what came beside it: servers want it back so during tool calls. */
  #extra(): ProviderExtra | undefined {
    const field = this.#thinkingField;
    const details = this.#details;
    if (field === undefined && details.length === 0) return undefined;
    const own = { ...(field !== undefined && { field }), ...(details.length > 0 && { details }) };
    return { [this.#provider]: own };
  }

  #nextIndex(): number {
    this.#parts += 1;
    return this.#parts - 1;
  }
}

/** One part of text, joined once, at the end. */
class TextPieces {
  readonly #pieces: string[] = [];
  #index: number | undefined;

  get index(): number | undefined {
    return this.#index;
  }

  get text(): string {
    return this.#pieces.join('');
  }

  add(piece: string, nextIndex: () => number): number {
    this.#pieces.push(piece);
    this.#index ??= nextIndex();
    return this.#index;
  }
}
