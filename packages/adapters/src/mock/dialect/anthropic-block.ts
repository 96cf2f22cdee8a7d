import type { BlockDelta, MessageEvent, WireObject } from '../../anthropic/wire.ts';
import type { Reply, ScriptedToolCall } from '../script.ts';
import { objectArguments } from './object-arguments.ts';
import { argumentPieces, callId, inTurn, piecesOf, textPieces, wholeText } from './pieces.ts';

/** What stands for a signature of the model's thinking: it has to come back with it. */
export const THINKING_SIGNATURE = 'c2lnbmVkIGJ5IHRoZSBtb2Nr';

/** Writes a reply as the events of its blocks, in their order: thinking, text, calls. What is empty has no block. */
export function blockEvents(reply: Reply): readonly MessageEvent[] {
  const { thinking, refusal, toolCalls = [], areCallsInterleaved = false } = reply;
  const before = [
    thinkingBlock(piecesOf(thinking)),
    textBlock(piecesOf(refusal)),
    textBlock(textPieces(reply)),
  ].filter((block) => block !== undefined);
  const calls = toolCalls.map((call, place) =>
    eventsOf(callBlock(call, place), before.length + place),
  );
  return [
    ...before.flatMap((block, index) => eventsOf(block, index)),
    ...inTurn(calls, areCallsInterleaved),
  ];
}

/** Writes a reply as the blocks of a whole answer. */
export function wholeBlocks(reply: Reply): readonly WireObject[] {
  const thinking = piecesOf(reply.thinking).join('');
  const text = piecesOf(reply.refusal).join('') + wholeText(reply);
  return [
    ...(thinking === '' ? [] : [{ type: 'thinking', thinking, signature: THINKING_SIGNATURE }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...(reply.toolCalls ?? []).map((call, place) => ({
      ...callBlock(call, place).begin,
      input: objectArguments(call),
    })),
  ];
}

/** A block before it is written: how it begins, and what it grows by. */
interface Block {
  readonly begin: WireObject;
  readonly deltas: readonly BlockDelta[];
}

function thinkingBlock(pieces: readonly string[]): Block | undefined {
  if (pieces.length === 0) return undefined;
  return {
    begin: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces.map((thinking) => ({ type: 'thinking_delta' as const, thinking })),
      { type: 'signature_delta', signature: THINKING_SIGNATURE },
    ],
  };
}

function textBlock(pieces: readonly string[]): Block | undefined {
  if (pieces.length === 0) return undefined;
  const deltas = pieces.map((text) => ({ type: 'text_delta' as const, text }));
  return { begin: { type: 'text', text: '' }, deltas };
}

/** The first piece of an input is empty, as the provider sends it. */
function callBlock(call: ScriptedToolCall, place: number): Block {
  const pieces = ['', ...argumentPieces(call)];
  return {
    begin: { type: 'tool_use', id: callId(call, place), name: call.name, input: {} },
    deltas: pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  };
}

function eventsOf({ begin, deltas }: Block, index: number): readonly MessageEvent[] {
  return [
    { type: 'content_block_start', index, content_block: begin },
    ...deltas.map((delta) => ({ type: 'content_block_delta' as const, index, delta })),
    { type: 'content_block_stop', index },
  ];
}
