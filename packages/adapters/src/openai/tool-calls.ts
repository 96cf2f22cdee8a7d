import type { CompletionChunk, ToolCall } from '@sluice/core';
import { countAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { parseCall } from '../transport/tool-call.ts';

/** A tool call while it comes in. */
interface OpenCall {
  readonly index: number;
  id: string;
  name: string;
  /** Joined and parsed once, at the end: joining at each piece would take quadratic time. */
  readonly pieces: string[];
}

/** What a tool call is put together with. */
export interface ToolCallsOptions {
  /** Gives the next place in the message. */
  readonly nextIndex: () => number;
  /** Makes an id for servers that give none: unique within its conversation. */
  readonly makeId: (ordinal: number) => string;
}

type Sink = (chunk: CompletionChunk) => void;

/**
 * Puts tool calls together from their pieces: in parallel, interleaved, with indexes that start anywhere or are missing.
 * A call is complete only at the end of the answer, since a part of its arguments can be valid JSON already.
 */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #calls: OpenCall[] = [];
  readonly #byWireIndex = new Map<number, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  /** How many calls have begun. */
  get size(): number {
    return this.#calls.length;
  }

  /** Takes the next piece, as `delta.tool_calls[]` holds it. What is no piece is left out. */
  add(piece: unknown, sink: Sink): void {
    if (!isRecord(piece)) return;
    const call = this.#find(piece) ?? this.#begin(piece);
    const fields = recordAt(piece, 'function') ?? {};
    if (call.name === '') this.#name(call, textAt(fields, 'name'), sink);
    const delta = argumentsOf(fields['arguments']);
    if (delta === '') return;
    call.pieces.push(delta);
    // Before its name is known a call has not begun for the reader: what came is handed over with the name.
    if (call.name !== '') sink({ type: 'tool-delta', index: call.index, delta });
  }

  /** Completes the calls, in their order. A call that never got a name is told as `undefined`: nobody could run it. */
  finish(): readonly { readonly index: number; readonly call: ToolCall | undefined }[] {
    return this.#calls.map((call) => ({
      index: call.index,
      call: call.name === '' ? undefined : completed(call),
    }));
  }

  /** By id if that is known, else by index, else the last one; a new id with a name is a new call, whatever its index. */
  #find(piece: Readonly<Record<string, unknown>>): OpenCall | undefined {
    const id = textAt(piece, 'id');
    const known = id === undefined ? undefined : this.#byId.get(id);
    if (known !== undefined) return known;
    const name = textAt(recordAt(piece, 'function') ?? {}, 'name');
    const wireIndex = countAt(piece, 'index');
    const sameIndex =
      wireIndex === undefined ? this.#calls.at(-1) : this.#byWireIndex.get(wireIndex);
    const isNew = name !== undefined && (id !== undefined || isRepeated(sameIndex, wireIndex));
    return isNew && sameIndex?.name !== '' ? undefined : sameIndex;
  }

  #begin(piece: Readonly<Record<string, unknown>>): OpenCall {
    const ordinal = this.#calls.length;
    const id = textAt(piece, 'id') ?? this.#options.makeId(ordinal);
    const call: OpenCall = { index: this.#options.nextIndex(), id, name: '', pieces: [] };
    const wireIndex = countAt(piece, 'index');
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, call);
    this.#byId.set(id, call);
    this.#calls.push(call);
    return call;
  }

  #name(call: OpenCall, name: string | undefined, sink: Sink): void {
    if (name === undefined) return;
    call.name = name;
    const { index, id } = call;
    sink({ type: 'tool-start', index, id, name });
    for (const delta of call.pieces) sink({ type: 'tool-delta', index, delta });
  }
}

/** Without ids and indexes, a name is all that tells a whole new call from a piece of the last one. */
function isRepeated(last: OpenCall | undefined, wireIndex: number | undefined): boolean {
  return wireIndex === undefined && last !== undefined;
}

/** A string by the protocol; an object from servers that parse it themselves. */
function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isRecord(value) ? JSON.stringify(value) : '';
}

function completed({ id, name, pieces }: OpenCall): ToolCall {
  return parseCall({ id, name, text: pieces.join('') });
}
