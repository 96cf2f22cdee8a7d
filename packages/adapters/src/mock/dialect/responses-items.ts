import type { ResponsesCall } from '../../openai/responses-wire.ts';
import type { WireObject } from '../../openai/wire.ts';
import type { Question, Reply, ScriptedToolCall } from '../script.ts';
import { argumentPieces, argumentsOf, callId, inTurn, piecesOf, textPieces } from './pieces.ts';

/** An event before it is numbered. */
export interface ItemEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One item of the output: itself, whole, and the events that tell of it. */
interface Item {
  readonly whole: WireObject;
  readonly events: readonly ItemEvent[];
}

/** What a reply is made of: its items, whole, and their events in their order. */
export interface ReplyItems {
  readonly output: readonly WireObject[];
  readonly events: readonly ItemEvent[];
}

/** Writes a reply as the items of a response: its thinking, its message, its calls, each if there is any. */
export function itemsOf(question: Question, reply: Reply): ReplyItems {
  const { toolCalls = [], areCallsInterleaved = false } = reply;
  const said: Item[] = [];
  for (const write of [reasoningItem, messageItem]) {
    const item = write({ question, reply, place: said.length });
    if (item !== undefined) said.push(item);
  }
  const calls = toolCalls.map((call, at) => callItem(call, at, said.length + at));
  return {
    output: [...said, ...calls].map(({ whole }) => whole),
    events: [
      ...said.flatMap(({ events }) => events),
      ...inTurn(
        calls.map(({ events }) => events),
        areCallsInterleaved,
      ),
    ],
  };
}

interface Writing {
  readonly question: Question;
  readonly reply: Reply;
  /** Its place in the output. */
  readonly place: number;
}

function reasoningItem({ question, reply, place }: Writing): Item | undefined {
  const pieces = piecesOf(reply.thinking);
  if (pieces.length === 0) return undefined;
  const id = `rs_${question.number}`;
  const at = { item_id: id, output_index: place, summary_index: 0 };
  const text = pieces.join('');
  const part = { type: 'summary_text', text };
  const whole = {
    id,
    type: 'reasoning',
    summary: [part],
    encrypted_content: `mock-thoughts-${question.number}`,
  };
  return {
    whole,
    events: [
      added(place, { id, type: 'reasoning', summary: [] }),
      { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
      ...pieces.map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        ...at,
        delta,
      })),
      { type: 'response.reasoning_summary_text.done', ...at, text },
      { type: 'response.reasoning_summary_part.done', ...at, part },
      done(place, whole),
    ],
  };
}

function messageItem({ question, reply, place }: Writing): Item | undefined {
  const contents = [
    { kind: 'refusal', pieces: piecesOf(reply.refusal) },
    { kind: 'output_text', pieces: textPieces(reply) },
  ].filter(({ pieces }) => pieces.length > 0);
  if (contents.length === 0) return undefined;
  const id = `msg_${question.number}`;
  const head = { id, type: 'message', role: 'assistant' };
  const parts = contents.map(({ kind, pieces }) => partOf(kind, pieces.join('')));
  const whole = { ...head, status: 'completed', content: parts };
  return {
    whole,
    events: [
      added(place, { ...head, status: 'in_progress', content: [] }),
      ...contents.flatMap(({ kind, pieces }, content_index) =>
        partEvents({ item_id: id, output_index: place, content_index }, kind, pieces),
      ),
      done(place, whole),
    ],
  };
}

function partEvents(
  at: { readonly item_id: string; readonly output_index: number; readonly content_index: number },
  kind: string,
  pieces: readonly string[],
): readonly ItemEvent[] {
  const text = pieces.join('');
  const whole = kind === 'refusal' ? { refusal: text } : { text };
  return [
    { type: 'response.content_part.added', ...at, part: partOf(kind, '') },
    ...pieces.map((delta) => ({ type: `response.${kind}.delta`, ...at, delta })),
    { type: `response.${kind}.done`, ...at, ...whole },
    { type: 'response.content_part.done', ...at, part: partOf(kind, text) },
  ];
}

function partOf(kind: string, text: string): WireObject {
  return kind === 'refusal' ? { type: kind, refusal: text } : { type: kind, annotations: [], text };
}

function callItem(call: ScriptedToolCall, ordinal: number, place: number): Item {
  const id = `fc_${ordinal}`;
  const at = { item_id: id, output_index: place };
  const head = {
    type: 'function_call',
    id,
    call_id: callId(call, ordinal),
    name: call.name,
  } as const;
  const text = argumentsOf(call);
  const whole: ResponsesCall = { ...head, status: 'completed', arguments: text };
  return {
    whole: { ...whole },
    events: [
      added(place, { ...head, status: 'in_progress', arguments: '' }),
      ...argumentPieces(call).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        ...at,
        delta,
      })),
      { type: 'response.function_call_arguments.done', ...at, arguments: text },
      done(place, { ...whole }),
    ],
  };
}

function added(output_index: number, item: WireObject): ItemEvent {
  return { type: 'response.output_item.added', output_index, item };
}

function done(output_index: number, item: WireObject): ItemEvent {
  return { type: 'response.output_item.done', output_index, item };
}
