import type { AssistantMessage, CompletionChunk, ContentPart, JsonObject } from '@sluice/core';
import { type Fields, arrayAt, countAt, isRecord, textAt } from '../transport/json.ts';
import type { AnswerContext, PlacedCall } from '../transport/answer.ts';
import { GrowingText, OpenCall, OpenReasoning, type OpenText } from './responses-items.ts';

type Sink = (chunk: CompletionChunk) => void;

/** Which part of an item an event is about. */
export type Section = 'summary' | 'content';

/** Puts an answer of Responses together from its events and hands each on as a chunk. Items hold together by their place, since proxies change their ids on the way. */
export class ResponsesAnswer {
  readonly #options: AnswerContext;
  /** By their place in the output, then by that in their item. */
  readonly #texts = new Map<number, Map<number, OpenText>>();
  readonly #reasoning = new Map<number, OpenReasoning>();
  readonly #calls = new Map<number, OpenCall>();
  /** All calls, also those whose place another took over. */
  readonly #allCalls: OpenCall[] = [];
  /** What the server ran by itself, by its place in the output. */
  readonly #others = new Map<number, { readonly index: number; item: JsonObject }>();
  /** The text that grows right now: nearly every event is about it. */
  #latest: { readonly place: number; readonly at: number; readonly open: OpenText } | undefined;
  #place = 0;
  #isRefusal = false;
  #parts = 0;

  constructor(options: AnswerContext) {
    this.#options = options;
  }

  /** Whether the model declined to answer. */
  get isRefusal(): boolean {
    return this.#isRefusal;
  }

  /** Whether tools are to be called. */
  get hasCalls(): boolean {
    return this.#allCalls.length > 0;
  }

  /** Whether anything has come. */
  get isEmpty(): boolean {
    return this.#parts === 0;
  }

  /** Takes an item at its beginning. */
  open(event: Fields, item: Fields, sink: Sink): void {
    const place = this.#placeOf(event);
    switch (item['type']) {
      case 'message':
        break; // its parts tell
      case 'reasoning':
        this.#reasoningAt(place);
        break;
      case 'function_call':
      case 'custom_tool_call':
        this.#name(this.#callFor(place, item), item, sink);
        break;
      default:
        this.#other(place, item);
    }
  }

  /** Takes an item at its end, whole. What its deltas left out is handed on. */
  close(event: Fields, item: Fields, sink: Sink): void {
    const place = this.#placeOf(event);
    switch (item['type']) {
      case 'message':
        for (const [at, part] of arrayAt(item, 'content').entries()) {
          if (isRecord(part)) this.#closePart(this.#textAt(place, at), part, sink);
        }
        break;
      case 'reasoning':
        this.#closeReasoning(place, item, sink);
        break;
      case 'function_call':
      case 'custom_tool_call':
        this.#closeCall(this.#callFor(place, item), item, sink);
        break;
      default: {
        const { index } = this.#other(place, item);
        const part = this.#providerPart(item as JsonObject);
        sink({ type: 'part', index, part });
      }
    }
  }

  /** Takes a piece of text. */
  addText(event: Fields, sink: Sink): void {
    const delta = textAt(event, 'delta');
    if (delta !== undefined) this.#grow(this.#textOf(event), delta, sink);
  }

  /** Takes a piece of the model's words for not answering. */
  addRefusal(event: Fields, sink: Sink): void {
    this.#isRefusal = true;
    this.addText(event, sink);
  }

  /** Takes a whole part of a message, as `part` has it, or as the event itself does. */
  closeText(event: Fields, part: Fields, sink: Sink): void {
    this.#closePart(this.#textOf(event), part, sink);
  }

  /** Takes a piece of thinking, or, as `text`, a whole section of it. */
  addThought(event: Fields, section: Section, sink: Sink): void {
    const key = `${section} ${countAt(event, `${section}_index`) ?? 0}`;
    const open = this.#reasoningAt(this.#placeOf(event));
    const whole = textAt(event, 'text');
    const piece = textAt(event, 'delta') ?? (whole === undefined ? '' : open.restOf(key, whole));
    this.#think(open, { key, piece }, sink);
  }

  /** Takes a piece of a call's arguments. */
  addArguments(event: Fields, sink: Sink): void {
    const call = this.#callAt(this.#placeOf(event));
    const delta = textAt(event, 'delta');
    if (delta === undefined) return;
    call.add(delta);
    // Before its name is known a call has not begun for the reader: what came is handed over with the name.
    if (call.name !== '') sink({ type: 'tool-delta', index: call.index, delta });
  }

  /** Takes a call's whole arguments. */
  closeArguments(event: Fields, sink: Sink): void {
    const whole = textAt(event, 'arguments') ?? textAt(event, 'input');
    this.#settle(this.#callAt(this.#placeOf(event)), whole, sink);
  }

  /** Completes the calls, in their order. `isCut`: the answer ended before its time. */
  finishCalls(cut: { readonly isCut: boolean }): readonly PlacedCall[] {
    return this.#allCalls.map((call) => ({ index: call.index, call: call.completed(cut) }));
  }

  /** The message that the chunks add up to. */
  message(calls: readonly PlacedCall[]): AssistantMessage {
    const { provider } = this.#options;
    const content: ContentPart[] = [];
    const texts = Array.from(this.#texts.values(), (item) => [...item.values()]).flat();
    for (const { index, grown, annotations } of texts) {
      if (index === undefined) continue;
      const extra = annotations.length === 0 ? undefined : { [provider]: { annotations } };
      content[index] = { type: 'text', text: grown.text, ...(extra && { extra }) };
    }
    for (const { index, text, item } of this.#reasoning.values()) {
      const extra = item === undefined ? undefined : { [provider]: { item } };
      content[index] = { type: 'thinking', text, ...(extra && { extra }) };
    }
    for (const { index, item } of this.#others.values()) content[index] = this.#providerPart(item);
    const custom = new Set(
      this.#allCalls.filter((call) => call.isCustom).map(({ index }) => index),
    );
    for (const { index, call } of calls) {
      if (call === undefined) continue;
      const extra = { [provider]: { type: 'custom_tool_call' } };
      content[index] = { type: 'tool-call', call, ...(custom.has(index) && { extra }) };
    }
    return { role: 'assistant', content };
  }

  /** The item's place in the output. Servers that leave it out speak of one item at a time. */
  #placeOf(event: Fields): number {
    this.#place = countAt(event, 'output_index') ?? this.#place;
    return this.#place;
  }

  #textOf(event: Fields): OpenText {
    return this.#textAt(this.#placeOf(event), countAt(event, 'content_index') ?? 0);
  }

  #textAt(place: number, at: number): OpenText {
    const latest = this.#latest;
    if (latest !== undefined && latest.place === place && latest.at === at) return latest.open;
    let item = this.#texts.get(place);
    if (item === undefined) {
      item = new Map();
      this.#texts.set(place, item);
    }
    let open = item.get(at);
    if (open === undefined) {
      open = { index: undefined, grown: new GrowingText(), annotations: [] };
      item.set(at, open);
    }
    this.#latest = { place, at, open };
    return open;
  }

  #grow(open: OpenText, delta: string, sink: Sink): void {
    open.index ??= this.#nextIndex(); // a text has a place in the message once there is any of it
    open.grown.add(delta);
    sink({ type: 'text', index: open.index, delta });
  }

  #closePart(open: OpenText, part: Fields, sink: Sink): void {
    const refusal = textAt(part, 'refusal');
    if (refusal !== undefined) this.#isRefusal = true;
    const whole = refusal ?? textAt(part, 'text');
    if (whole === undefined) return;
    const rest = open.grown.restOf(whole);
    if (rest !== '') this.#grow(open, rest, sink);
    const annotations = arrayAt(part, 'annotations').filter(isRecord);
    if (annotations.length > 0) open.annotations = annotations as readonly JsonObject[]; // it was JSON a moment ago
  }

  #reasoningAt(place: number): OpenReasoning {
    let open = this.#reasoning.get(place);
    if (open === undefined) {
      open = new OpenReasoning(this.#nextIndex());
      this.#reasoning.set(place, open);
    }
    return open;
  }

  #closeReasoning(place: number, item: Fields, sink: Sink): void {
    const open = this.#reasoningAt(place);
    for (const section of ['summary', 'content'] as const) {
      for (const [at, part] of arrayAt(item, section).entries()) {
        const whole = isRecord(part) ? textAt(part, 'text') : undefined;
        const key = `${section} ${at}`;
        const piece = whole === undefined ? '' : open.restOf(key, whole);
        this.#think(open, { key, piece }, sink);
      }
    }
    const { status: _, ...kept } = item; // of this answer alone
    open.item = kept as JsonObject; // it was JSON a moment ago
  }

  #think(
    open: OpenReasoning,
    { key, piece }: { readonly key: string; readonly piece: string },
    sink: Sink,
  ): void {
    if (piece === '') return;
    sink({ type: 'thinking', index: open.index, delta: open.add(key, piece) });
  }

  #callAt(place: number): OpenCall {
    return this.#calls.get(place) ?? this.#newCall(place);
  }

  /** A call of another id in the same place is another call, from servers that do not count. */
  #callFor(place: number, item: Fields): OpenCall {
    const known = this.#callAt(place);
    const id = textAt(item, 'call_id');
    const isOther = id !== undefined && known.id !== '' && known.id !== id;
    return isOther ? this.#newCall(place) : known;
  }

  #newCall(place: number): OpenCall {
    const call = new OpenCall(this.#nextIndex());
    this.#calls.set(place, call);
    this.#allCalls.push(call);
    return call;
  }

  #name(call: OpenCall, item: Fields, sink: Sink): void {
    const name = textAt(item, 'name');
    if (call.name !== '' || name === undefined) return;
    call.id = textAt(item, 'call_id') ?? textAt(item, 'id') ?? this.#makeId(call);
    call.name = name;
    call.isCustom = item['type'] === 'custom_tool_call';
    const { index, id, text } = call;
    sink({ type: 'tool-start', index, id, name });
    if (text !== '') sink({ type: 'tool-delta', index, delta: text });
  }

  #closeCall(call: OpenCall, item: Fields, sink: Sink): void {
    this.#name(call, item, sink);
    this.#settle(call, textAt(item, 'arguments') ?? textAt(item, 'input'), sink);
    call.isWhole = item['status'] !== 'incomplete';
  }

  #settle(call: OpenCall, whole: string | undefined, sink: Sink): void {
    call.isWhole = true;
    if (whole === undefined) return;
    const delta = call.settle(whole);
    if (delta !== '' && call.name !== '') sink({ type: 'tool-delta', index: call.index, delta });
  }

  #makeId(call: OpenCall): string {
    return this.#options.makeId(this.#allCalls.indexOf(call));
  }

  #other(place: number, item: Fields): { readonly index: number; item: JsonObject } {
    let open = this.#others.get(place);
    if (open === undefined) {
      open = { index: this.#nextIndex(), item: item as JsonObject };
      this.#others.set(place, open);
    }
    open.item = item as JsonObject; // it was JSON a moment ago
    return open;
  }

  #providerPart(item: JsonObject): ContentPart {
    const kind = textAt(item, 'type') ?? 'unknown';
    return { type: 'provider', kind, extra: { [this.#options.provider]: { item } } };
  }

  #nextIndex(): number {
    this.#parts += 1;
    return this.#parts - 1;
  }
}
