import type { JsonObject, ToolCall } from '@sluice/core';
import { parseCall } from '../transport/tool-call.ts';

/** A text while it comes in. Its pieces are joined when it is read, so that a long one costs linear time. */
export class GrowingText {
  readonly #pieces: string[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get text(): string {
    return this.#pieces.join('');
  }

  add(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /**
   * What `whole` has beyond what came: all of it from servers that send no deltas. Nothing when it tells another story:
   * what was handed out cannot be unsaid.
   */
  restOf(whole: string): string {
    if (whole.length <= this.#length) return ''; // joins only what is no longer than the event that it came in
    return whole.startsWith(this.text) ? whole.slice(this.#length) : '';
  }
}

/** A piece of the answer's text. */
export interface OpenText {
  /** Its place in the message, once there is any of it. */
  index: number | undefined;
  readonly grown: GrowingText;
  /** Where the text is from, as far as the server says. */
  annotations: readonly JsonObject[];
}

/** Thinking while it comes in: summaries, or the thoughts themselves, each a section of its own. */
export class OpenReasoning {
  readonly index: number;
  readonly #whole = new GrowingText();
  readonly #sections = new Map<string, GrowingText>();
  /** The item as it goes back: the last one that was seen. */
  item: JsonObject | undefined;

  constructor(index: number) {
    this.index = index;
  }

  get text(): string {
    return this.#whole.text;
  }

  /** Takes a piece of a section and tells what it adds to the whole: sections are paragraphs. */
  add(section: string, piece: string): string {
    let grown = this.#sections.get(section);
    const isNext = grown === undefined && !this.#whole.isEmpty;
    if (grown === undefined) {
      grown = new GrowingText();
      this.#sections.set(section, grown);
    }
    grown.add(piece);
    const added = isNext ? `\n\n${piece}` : piece;
    this.#whole.add(added);
    return added;
  }

  /** What a whole section has beyond what came. */
  restOf(section: string, whole: string): string {
    return (this.#sections.get(section) ?? new GrowingText()).restOf(whole);
  }
}

/** A tool call while it comes in. */
export class OpenCall {
  readonly index: number;
  readonly #grown = new GrowingText();
  id = '';
  name = '';
  /** A custom tool takes plain text, which no JSON is. */
  isCustom = false;
  /** Whether its arguments are known to be whole. */
  isWhole = false;
  /** What the server said in the end that the arguments are. */
  #told: string | undefined;

  constructor(index: number) {
    this.index = index;
  }

  /** The arguments so far. */
  get text(): string {
    return this.#told ?? this.#grown.text;
  }

  add(piece: string): void {
    this.#grown.add(piece);
  }

  /** Takes the whole arguments, which go before the pieces of them. Tells what no piece has brought. */
  settle(whole: string): string {
    const rest = this.#grown.restOf(whole);
    if (rest !== '') this.#grown.add(rest);
    this.#told = whole;
    return rest;
  }

  /** The call as it is handed out; `undefined` when it never got a name. `isCut`: the answer ended too early. */
  completed({ isCut }: { readonly isCut: boolean }): ToolCall | undefined {
    const { id, name, text } = this;
    if (name === '') return undefined;
    if (isCut && !this.isWhole) {
      return {
        id,
        name,
        input: text,
        inputError: 'The answer ended before the input was complete',
      };
    }
    return this.isCustom ? { id, name, input: text } : parseCall({ id, name, text });
  }
}
