import type {
  AssistantMessage,
  CompletionChunk,
  ContentPart,
  JsonObject,
  ProviderExtra,
} from '@sluice/core';
import type { AnswerContext, PlacedCall } from '../transport/answer.ts';
import { type Fields, arrayAt, isRecord, parseJson, recordAt, textAt } from '../transport/json.ts';
import { parseCall } from '../transport/tool-call.ts';

type Sink = (chunk: CompletionChunk) => void;

/** A block while it comes in. Its pieces are joined once, at the end: joining at each would take quadratic time. */
interface OpenBlock {
  /** `own` is what goes back as it came: redacted thinking, and tools that the provider runs itself. */
  readonly kind: 'text' | 'thinking' | 'tool_use' | 'own';
  /** As the block began. */
  readonly fields: Fields;
  /** Of the text, the thinking, or the input. */
  readonly pieces: string[];
  readonly signature: string[];
  readonly citations: Fields[];
  /** Its place in the message; an empty text has none. */
  index: number | undefined;
}

/** Puts the content of an answer together from its blocks, and hands each piece on as a chunk. */
export class Blocks {
  readonly #options: AnswerContext;
  /** By their place in the message. */
  readonly #placed: OpenBlock[] = [];
  readonly #byWireIndex = new Map<number, OpenBlock>();

  constructor(options: AnswerContext) {
    this.#options = options;
  }

  /** Whether tools are to be called. */
  get hasCalls(): boolean {
    return this.#placed.some(({ kind }) => kind === 'tool_use');
  }

  /** Begins a block, as `content_block_start` or a whole answer holds it. */
  begin(wireIndex: number, fields: Fields, sink: Sink): void {
    this.finish(wireIndex, sink); // where the end of the one before was left out
    const kind = kindOf(fields['type']);
    const block = { kind, fields, pieces: [], signature: [], citations: [], index: undefined };
    this.#byWireIndex.set(wireIndex, block);
    if (kind !== 'text') this.#place(block);
    if (kind === 'tool_use') this.#beginCall(block, sink);
    else this.#add(block, fields, sink);
  }

  /** Lets a block grow. Tells whether there is one: text and thinking may leave out their beginning, as proxies do. */
  grow(wireIndex: number, delta: Fields, sink: Sink): boolean {
    const block = this.#byWireIndex.get(wireIndex);
    const type = block === undefined ? BEGUN_BY.get(delta['type']) : block.kind;
    if (block !== undefined) this.#add(block, delta, sink);
    else if (type !== undefined) this.begin(wireIndex, { ...delta, type }, sink);
    return type !== undefined;
  }

  /** Ends a block. What is no text, thinking or call is handed out whole. */
  finish(wireIndex: number, sink: Sink): void {
    const block = this.#byWireIndex.get(wireIndex);
    this.#byWireIndex.delete(wireIndex);
    if (block?.index === undefined) return;
    const { kind, index } = block;
    if (kind === 'own') sink({ type: 'part', index, part: this.#partOf(block) });
    if (kind === 'tool_use') this.#addWholeInput(block, sink);
  }

  /** Ends the blocks that the stream did not end. */
  finishAll(sink: Sink): void {
    for (const wireIndex of this.#byWireIndex.keys()) this.finish(wireIndex, sink);
  }

  /** Completes the tool calls, in their order. */
  finishCalls(): readonly PlacedCall[] {
    return this.#placed.flatMap(({ kind, fields, pieces }, index) => {
      if (kind !== 'tool_use') return [];
      const name = textAt(fields, 'name');
      const id = this.#idOf(fields, index);
      const call = name === undefined ? name : parseCall({ id, name, text: pieces.join('') });
      return [{ index, call }];
    });
  }

  /** The message that the chunks add up to. */
  message(calls: readonly PlacedCall[]): AssistantMessage {
    const byIndex = new Map(calls.map(({ index, call }) => [index, call]));
    const content = this.#placed.map((block, index): ContentPart => {
      const call = byIndex.get(index);
      return call === undefined ? this.#partOf(block) : { type: 'tool-call', call };
    });
    return { role: 'assistant', content };
  }

  #beginCall({ fields, index }: OpenBlock, sink: Sink): void {
    const name = textAt(fields, 'name');
    if (name === undefined || index === undefined) return;
    sink({ type: 'tool-start', index, id: this.#idOf(fields, index), name });
  }

  /** A call begins with an empty input, which then comes in pieces; proxies begin with the whole one and send no piece. */
  #addWholeInput(block: OpenBlock, sink: Sink): void {
    const input = recordAt(block.fields, 'input') ?? {};
    if (block.pieces.length > 0 || Object.keys(input).length === 0) return;
    this.#addPiece(block, JSON.stringify(input), sink);
  }

  /** Takes what a block begins with, or grows by. */
  #add(block: OpenBlock, fields: Fields, sink: Sink): void {
    switch (block.kind) {
      case 'text':
        this.#addPiece(block, textAt(fields, 'text'), sink);
        for (const citation of citationsIn(fields)) block.citations.push(citation);
        break;
      case 'thinking':
        this.#addPiece(block, textAt(fields, 'thinking'), sink);
        block.signature.push(textAt(fields, 'signature') ?? '');
        break;
      case 'tool_use':
        this.#addPiece(block, textAt(fields, 'partial_json'), sink);
        break;
      case 'own':
        if (fields !== block.fields) this.#addPiece(block, ownPiece(fields), sink);
        break;
    }
  }

  #addPiece(block: OpenBlock, delta: string | undefined, sink: Sink): void {
    if (delta === undefined) return;
    const { kind, fields, pieces } = block;
    const index = this.#place(block);
    pieces.push(delta);
    if (kind === 'text' || kind === 'thinking') sink({ type: kind, index, delta });
    if (kind === 'tool_use' && textAt(fields, 'name') !== undefined) {
      sink({ type: 'tool-delta', index, delta });
    }
  }

  #place(block: OpenBlock): number {
    block.index ??= this.#placed.push(block) - 1;
    return block.index;
  }

  #partOf({ kind, fields, pieces, signature, citations }: OpenBlock): ContentPart {
    const text = pieces.join('');
    if (kind === 'text') {
      return citations.length === 0
        ? { type: 'text', text }
        : { type: 'text', text, extra: this.#extra({ citations }) };
    }
    if (kind === 'thinking') {
      return { type: 'thinking', text, extra: this.#extra({ signature: signature.join('') }) };
    }
    const type = textAt(fields, 'type') ?? '';
    const extra = this.#extra(whole(fields, text));
    return type === 'redacted_thinking'
      ? { type: 'thinking', text: '', extra }
      : { type: 'provider', kind: type, extra };
  }

  #extra(fields: Fields): ProviderExtra {
    return { [this.#options.provider]: fields as JsonObject }; // it was JSON a moment ago
  }

  #idOf(fields: Fields, index: number): string {
    return textAt(fields, 'id') ?? this.#options.makeId(index);
  }
}

/** The blocks that a delta can begin by itself: without them nothing is known of a call. */
const BEGUN_BY: ReadonlyMap<unknown, OpenBlock['kind']> = new Map([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
]);

function kindOf(type: unknown): OpenBlock['kind'] {
  return type === 'text' || type === 'thinking' || type === 'tool_use' ? type : 'own';
}

const NONE: readonly Fields[] = [];

/** A text has all of its citations, a delta has one. */
function citationsIn(fields: Fields): readonly Fields[] {
  if (fields['type'] === 'text_delta') return NONE; // as nearly always
  return [...arrayAt(fields, 'citations'), fields['citation']].filter(isRecord);
}

/** The input of a tool that the provider runs comes in pieces of JSON, the summary of a compaction in pieces of text. */
function ownPiece(delta: Fields): string | undefined {
  return textAt(delta, 'partial_json') ?? textAt(delta, 'content');
}

function whole(fields: Fields, text: string): Fields {
  if (text === '') return fields;
  if (fields['type'] === 'compaction') return { ...fields, content: text };
  try {
    return { ...fields, input: parseJson(text) };
  } catch {
    return fields; // cut short: what the model did not finish, the provider did not run
  }
}
