import { type AssistantMessage, charEstimate, type Usage } from '@sluice/core';

/** Estimates the tokens of an answer whose server does not tell. */
export function estimateUsage({ content }: AssistantMessage, inputTokens: number): Usage {
  let output = 0;
  for (const part of content) {
    if (part.type === 'text' || part.type === 'thinking') output += charEstimate.count(part.text);
    if (part.type === 'tool-call') {
      output += charEstimate.count(part.call.name + JSON.stringify(part.call.input));
    }
  }
  return { input: { total: inputTokens }, output: { total: output }, estimated: true };
}
