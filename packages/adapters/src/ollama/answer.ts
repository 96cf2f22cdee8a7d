import type { AssistantMessage, CompletionChunk, ContentPart, ToolCall } from '@sluice/core';
import type { AnswerContext, PlacedCall } from '../transport/answer.ts';
import { type Fields, arrayAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { parseCall } from '../transport/tool-call.ts';

type Sink = (chunk: CompletionChunk) => void;

/** A part in its place: text that grows until a part of another kind comes, or a call. */
type Placed =
  | { readonly type: 'text' | 'thinking'; readonly pieces: string[] }
  | { readonly type: 'tool-call'; readonly call: ToolCall };

/** Puts an answer together from its lines, and hands each on as chunks. */
export class Answer {
  readonly #provider: string;
  readonly #makeId: (ordinal: number) => string;
  readonly #parts: Placed[] = [];
  readonly #calls: PlacedCall[] = [];

  constructor({ provider, makeId }: AnswerContext) {
    this.#provider = provider;
    this.#makeId = makeId;
  }

  /** The tool calls so far, in their order. */
  get calls(): readonly PlacedCall[] {
    return this.#calls;
  }

  /** Takes the message of a line. */
  add(message: Fields, sink: Sink): void {
    this.#addText('thinking', textAt(message, 'thinking'), sink);
    this.#addText('text', textAt(message, 'content'), sink);
    for (const call of arrayAt(message, 'tool_calls')) {
      if (isRecord(call)) this.#addCall(call, sink);
    }
  }

  /** The message that the chunks add up to. */
  message(): AssistantMessage {
    const content = this.#parts.map((part): ContentPart => {
      if (part.type === 'tool-call') return part;
      const text = part.pieces.join('');
      if (part.type === 'text') return { type: 'text', text };
      // Marked as one's own: that of other providers must not go back.
      return { type: 'thinking', text, extra: { [this.#provider]: { thinking: true } } };
    });
    return { role: 'assistant', content };
  }

  #addText(type: 'text' | 'thinking', delta: string | undefined, sink: Sink): void {
    if (delta === undefined) return;
    let last = this.#parts.at(-1);
    if (last?.type !== type) {
      last = { type, pieces: [] };
      this.#parts.push(last);
    }
    last.pieces.push(delta);
    sink({ type, index: this.#parts.length - 1, delta });
  }

  /** A call comes whole. What has no name is left out: nobody could run it. */
  #addCall(fields: Fields, sink: Sink): void {
    const details = recordAt(fields, 'function') ?? {};
    const name = textAt(details, 'name');
    if (name === undefined) return;
    const id = textAt(fields, 'id') ?? textAt(details, 'id') ?? this.#makeId(this.#calls.length);
    const text = textOf(details['arguments']);
    const call = parseCall({ id, name, text });
    const index = this.#parts.length;
    this.#parts.push({ type: 'tool-call', call });
    this.#calls.push({ index, call });
    sink({ type: 'tool-start', index, id, name });
    sink({ type: 'tool-delta', index, delta: text });
  }
}

/** An object by the protocol; a text from proxies that take it for OpenAI's. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(isRecord(value) ? value : {});
}
