import type { Json } from '@sluice/core';
import type { ChatDelta, ChatToolCallDelta } from '../../openai/wire.ts';
import type { Reply, ScriptedToolCall } from '../script.ts';

/** Writes a reply as the deltas of its choice, in their order. */
export function deltasOf(reply: Reply): readonly ChatDelta[] {
  return [
    { role: 'assistant', content: '' },
    ...pieces(reply.thinking).map((piece) => ({ reasoning_content: piece })),
    ...pieces(reply.refusal).map((piece) => ({ refusal: piece })),
    ...pieces(textOf(reply)).map((piece) => ({ content: piece })),
    ...callDeltas(reply).map((piece) => ({ tool_calls: [piece] })),
  ];
}

/** Joins the text of a reply. */
export function wholeText(reply: Reply): string {
  return pieces(textOf(reply)).join('');
}

/** Writes the arguments of a call: a string as it is. */
export function argumentsOf({ input }: { readonly input: Json }): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** A reply that says nothing at all still says something. */
function textOf({ text, toolCalls, refusal }: Reply): Reply['text'] {
  if (text !== undefined) return text;
  return toolCalls === undefined && refusal === undefined ? 'Hello there' : '';
}

/** Cuts a text into words, each with the space behind it. */
function pieces(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return [];
  return typeof text === 'string' ? (text.match(/^\s+|\S+\s*/g) ?? []) : text;
}

function callDeltas({ toolCalls = [], areCallsInterleaved = false }: Reply): ChatToolCallDelta[] {
  const calls = toolCalls.map(piecesOfCall);
  if (!areCallsInterleaved) return calls.flat();
  const longest = Math.max(0, ...calls.map((call) => call.length));
  return Array.from({ length: longest }, (_, at) => calls.flatMap((call) => call[at] ?? [])).flat();
}

/** The first piece has the id and the name, and no arguments yet. */
function piecesOfCall(call: ScriptedToolCall, index: number): ChatToolCallDelta[] {
  const { name, id = `call_${index}`, pieceLength = 16 } = call;
  const text = argumentsOf(call);
  const deltas: ChatToolCallDelta[] = [
    { index, id, type: 'function', function: { name, arguments: '' } },
  ];
  for (let at = 0; at < text.length; at += pieceLength) {
    deltas.push({ index, function: { arguments: text.slice(at, at + pieceLength) } });
  }
  return deltas;
}
