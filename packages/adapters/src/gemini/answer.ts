import type {
  AssistantMessage,
  CompletionChunk,
  ContentPart,
  JsonObject,
  ProviderExtra,
} from '@sluice/core';
import type { AnswerContext, PlacedCall } from '../transport/answer.ts';
import { type Fields, isRecord, recordAt, textAt } from '../transport/json.ts';
import { PartialArgs } from './partial-args.ts';

type Sink = (chunk: CompletionChunk) => void;

/** A part in its place. A text grows until a part of another kind, or a signature, ends it. */
type Placed =
  | {
      readonly type: 'text' | 'thinking';
      readonly pieces: string[];
      readonly signature: string | undefined;
    }
  | { readonly type: 'whole'; readonly part: ContentPart }
  | { readonly type: 'call'; readonly call: OpenCall };

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly index: number;
  /** What goes back with it: its signature, and the id that it was given. */
  own: JsonObject;
  /** Whole, or still growing. */
  args: Fields | PartialArgs;
}

/**
 * Puts an answer together from its parts and hands each on as a chunk. A part that carries a signature stays a part of
 * its own: the signature has to go back on the very part that it came with.
 */
export class Answer {
  readonly #provider: string;
  readonly #makeId: (ordinal: number) => string;
  readonly #parts: Placed[] = [];
  readonly #calls: OpenCall[] = [];
  #openCall: OpenCall | undefined;

  constructor({ provider, makeId }: AnswerContext) {
    this.#provider = provider;
    this.#makeId = makeId;
  }

  /** Whether tools are to be called. */
  get hasCalls(): boolean {
    return this.#calls.length > 0;
  }

  /** Takes one part of a candidate's content. What is no part is left out. */
  add(part: unknown, sink: Sink): void {
    if (!isRecord(part)) return;
    const signature = textAt(part, 'thoughtSignature');
    const { text } = part;
    const call = recordAt(part, 'functionCall');
    if (call !== undefined) this.#addCall(call, signature, sink);
    else if (typeof text === 'string') {
      const type = part['thought'] === true ? 'thinking' : 'text';
      this.#addText(type, { delta: text, signature }, sink);
    } else this.#addOther(part, signature, sink);
  }

  /** Completes the tool calls, in their order: also the last one of a stream that forgot to close it. */
  finishCalls(sink: Sink): readonly PlacedCall[] {
    this.#closeCall(sink);
    return this.#calls.map(({ index, id, name, args }) => ({
      index,
      call: { id, name, input: argsOf(args) },
    }));
  }

  /** The message that the chunks add up to. */
  message(calls: readonly PlacedCall[]): AssistantMessage {
    const callAt = new Map(calls.map(({ index, call }) => [index, call]));
    const content = this.#parts.map((placed, index): ContentPart => {
      switch (placed.type) {
        case 'whole':
          return placed.part;
        case 'call': {
          const { id, name, own } = placed.call;
          const call = callAt.get(index) ?? { id, name, input: {} };
          return { type: 'tool-call', call, extra: this.#extra(own) };
        }
        default:
          return this.#textPart(placed);
      }
    });
    return { role: 'assistant', content };
  }

  #addText(
    type: 'text' | 'thinking',
    { delta, signature }: { readonly delta: string; readonly signature: string | undefined },
    sink: Sink,
  ): void {
    if (signature !== undefined) {
      this.#addSigned(type, { delta, signature }, sink);
      return;
    }
    if (delta === '') return;
    let last = this.#parts.at(-1);
    if (last?.type !== type || last.signature !== undefined) {
      last = { type, pieces: [], signature: undefined };
      this.#parts.push(last);
    }
    last.pieces.push(delta);
    sink({ type, index: this.#parts.length - 1, delta });
  }

  #addSigned(
    type: 'text' | 'thinking',
    { delta, signature }: { readonly delta: string; readonly signature: string },
    sink: Sink,
  ): void {
    const placed = { type, pieces: [delta], signature };
    this.#parts.push(placed);
    const index = this.#parts.length - 1;
    if (delta === '') sink({ type: 'part', index, part: this.#textPart(placed) });
    else sink({ type, index, delta });
  }

  #textPart({ type, pieces, signature }: Extract<Placed, { pieces: unknown }>): ContentPart {
    const text = pieces.join('');
    // Thinking is marked as one's own, signed or not: that of other providers must not go back.
    const isOwn = type === 'thinking' ? { thought: true } : {};
    return { type, text, extra: this.#extra({ ...isOwn, ...signed(signature) }) };
  }

  #addOther(part: Fields, signature: string | undefined, sink: Sink): void {
    const data = recordAt(part, 'inlineData');
    const kind = OWN_WORK.find((name) => recordAt(part, name) !== undefined);
    if (data !== undefined) this.#addImage(data, signature, sink);
    else if (kind !== undefined) this.#addOwnWork(kind, part, sink);
    else if (signature !== undefined) this.#addSigned('text', { delta: '', signature }, sink);
  }

  #addImage(data: Fields, signature: string | undefined, sink: Sink): void {
    const mediaType = textAt(data, 'mimeType');
    const bytes = textAt(data, 'data');
    if (mediaType === undefined || bytes === undefined) return;
    const source = { kind: 'base64', mediaType, data: bytes } as const;
    const part: ContentPart = { type: 'image', source, extra: this.#extra(signed(signature)) };
    this.#parts.push({ type: 'whole', part });
    sink({ type: 'part', index: this.#parts.length - 1, part });
  }

  /** Goes back as it came, signature and all. */
  #addOwnWork(kind: string, own: Fields, sink: Sink): void {
    // It was JSON a moment ago.
    const part: ContentPart = {
      type: 'provider',
      kind,
      extra: { [this.#provider]: own as JsonObject },
    };
    this.#parts.push({ type: 'whole', part });
    sink({ type: 'part', index: this.#parts.length - 1, part });
  }

  /** A call with a name is a new one; without a name it is a piece of the last one, or its end. */
  #addCall(fields: Fields, signature: string | undefined, sink: Sink): void {
    const name = textAt(fields, 'name');
    if (name !== undefined) this.#beginCall(name, fields, sink);
    const open = this.#openCall;
    if (open?.args instanceof PartialArgs) open.args.add(fields);
    if (open !== undefined) open.own = { ...open.own, ...signed(signature) };
    if (fields['willContinue'] !== true) this.#closeCall(sink);
  }

  #beginCall(name: string, fields: Fields, sink: Sink): void {
    this.#closeCall(sink);
    const given = textAt(fields, 'id');
    const id = given ?? this.#makeId(this.#calls.length);
    const index = this.#parts.length;
    const isGrowing = fields['willContinue'] === true || 'partialArgs' in fields;
    const args = isGrowing ? new PartialArgs() : (recordAt(fields, 'args') ?? {});
    const call: OpenCall = { id, name, index, own: given === undefined ? {} : { id: given }, args };
    this.#calls.push(call);
    this.#parts.push({ type: 'call', call });
    this.#openCall = call;
    sink({ type: 'tool-start', index, id, name });
  }

  /** The pieces of growing arguments are no JSON: their text is handed on once it is whole. */
  #closeCall(sink: Sink): void {
    const call = this.#openCall;
    if (call === undefined) return;
    this.#openCall = undefined;
    call.args = argsOf(call.args);
    sink({ type: 'tool-delta', index: call.index, delta: JSON.stringify(call.args) });
  }

  #extra(own: JsonObject): ProviderExtra | undefined {
    return Object.keys(own).length === 0 ? undefined : { [this.#provider]: own };
  }
}

/** What Google's side ran by itself: no call for the caller. */
const OWN_WORK = ['executableCode', 'codeExecutionResult'] as const;

function argsOf(args: Fields | PartialArgs): Fields {
  return args instanceof PartialArgs ? args.value() : args;
}

function signed(thoughtSignature: string | undefined): JsonObject {
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}
