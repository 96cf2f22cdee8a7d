import { charEstimate, type Json, type Usage } from '@sluice/core';
import type { Question, Reply, ScriptedToolCall } from '../script.ts';

/** Cuts a text into words, each with the space behind it; a text that comes in pieces is left as it is. */
export function piecesOf(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return [];
  return typeof text === 'string' ? (text.match(/^\s+|\S+\s*/g) ?? []) : text;
}

/** The pieces of a reply's text. A reply that says nothing at all still says something. */
export function textPieces({ text, toolCalls, refusal }: Reply): readonly string[] {
  if (text !== undefined) return piecesOf(text);
  return piecesOf(toolCalls === undefined && refusal === undefined ? 'Hello there' : '');
}

/** The text of a reply, joined. */
export function wholeText(reply: Reply): string {
  return textPieces(reply).join('');
}

/** Writes the arguments of a call: a string as it is. */
export function argumentsOf({ input }: { readonly input: Json }): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** The id of the call at a place, counted from 0. */
export function callId({ id }: ScriptedToolCall, place: number): string {
  return id ?? `call_${place}`;
}

/** Cuts the arguments of a call into the pieces in which they are sent: a length, or the very lengths. */
export function argumentPieces(call: ScriptedToolCall): readonly string[] {
  const text = argumentsOf(call);
  const { pieceLength = 16 } = call;
  const pieces: string[] = [];
  for (let at = 0, place = 0; at < text.length; place += 1) {
    const length =
      typeof pieceLength === 'number' ? pieceLength : (pieceLength[place] ?? text.length);
    pieces.push(text.slice(at, at + Math.max(1, length)));
    at += Math.max(1, length);
  }
  return pieces;
}

/** Puts the pieces of several things one after the other, or, interleaved, one of each in turn. */
export function inTurn<T>(lists: readonly (readonly T[])[], isInterleaved: boolean): readonly T[] {
  if (!isInterleaved) return lists.flat();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap((list) => list.slice(at, at + 1)),
  ).flat();
}

/** What a reply costs, unless it says itself: estimated from its pieces. `undefined` when the server does not tell. */
export function usageOf({ messages }: Question, reply: Reply): Usage | undefined {
  if (reply.usage === null) return undefined;
  if (reply.usage !== undefined) return reply.usage;
  const input = messages.reduce((total, { text }) => total + charEstimate.count(text), 0);
  const output = charEstimate.count(wholeText(reply) + (reply.refusal ?? ''));
  return { input: { total: input }, output: { total: output } };
}
