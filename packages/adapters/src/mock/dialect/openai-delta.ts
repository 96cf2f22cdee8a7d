import type { ChatDelta, ChatToolCallDelta } from '../../openai/wire.ts';
import type { Reply, ScriptedToolCall } from '../script.ts';
import { argumentPieces, callId, inTurn, piecesOf, textPieces } from './pieces.ts';

/** Writes a reply as the deltas of its choice, in their order. */
export function deltasOf(reply: Reply): readonly ChatDelta[] {
  const { thinking, refusal, toolCalls = [], areCallsInterleaved = false } = reply;
  return [
    { role: 'assistant', content: '' },
    ...piecesOf(thinking).map((piece) => ({ reasoning_content: piece })),
    ...piecesOf(refusal).map((piece) => ({ refusal: piece })),
    ...textPieces(reply).map((piece) => ({ content: piece })),
    ...inTurn(toolCalls.map(callDeltas), areCallsInterleaved).map((piece) => ({
      tool_calls: [piece],
    })),
  ];
}

/** The first piece has the id and the name, and no arguments yet. */
function callDeltas(call: ScriptedToolCall, index: number): readonly ChatToolCallDelta[] {
  const head = { name: call.name, arguments: '' };
  return [
    { index, id: callId(call, index), type: 'function', function: head },
    ...argumentPieces(call).map((piece) => ({ index, function: { arguments: piece } })),
  ];
}
