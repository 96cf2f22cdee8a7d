import type { FinishReason } from '@sluice/core';
import type { GeminiPart, GeminiUsage } from '../../gemini/wire.ts';
import type { Question, Reply, ScriptedToolCall } from '../script.ts';
import { objectArguments } from './object-arguments.ts';
import { piecesOf, textPieces, usageOf } from './pieces.ts';

/** What stands for a signature of the model's thinking: it has to come back on the part that it was sent with. */
export const THOUGHT_SIGNATURE = 'c2lnbmVkIGJ5IHRoZSBtb2Nr';

/** Writes a reply as the parts of its events, in their order. Calls come whole; interleaved ones come in one event. */
export function partsOf(reply: Reply): readonly (readonly GeminiPart[])[] {
  const { thinking, refusal, toolCalls = [], areCallsInterleaved = false } = reply;
  const calls = toolCalls.map(callPart);
  return [
    ...piecesOf(thinking).map((text) => [{ text, thought: true }]),
    ...piecesOf(refusal).map((text) => [{ text }]),
    ...textPieces(reply).map((text) => [{ text }]),
    ...(areCallsInterleaved && calls.length > 0 ? [calls] : calls.map((call) => [call])),
  ];
}

/** Writes why the model stopped. Calls of tools are no reason of their own. */
export function finishOf({ finish, refusal }: Reply): string {
  return FINISH[finish ?? (refusal === undefined ? 'stop' : 'content-filter')];
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

/** Writes the usage. The thoughts are beside the candidates, not among them. */
export function geminiUsage(question: Question, reply: Reply): GeminiUsage | undefined {
  const usage = usageOf(question, reply);
  if (usage === undefined) return undefined;
  const { input, output } = usage;
  return {
    promptTokenCount: input.total,
    cachedContentTokenCount: input.cacheRead,
    candidatesTokenCount: output.total - (output.reasoning ?? 0),
    thoughtsTokenCount: output.reasoning,
    totalTokenCount: input.total + output.total,
  };
}

/** Only the first of parallel calls is signed, as Google has it. */
function callPart(call: ScriptedToolCall, place: number): GeminiPart {
  const functionCall = { id: call.id, name: call.name, args: objectArguments(call) };
  return place === 0 ? { functionCall, thoughtSignature: THOUGHT_SIGNATURE } : { functionCall };
}
