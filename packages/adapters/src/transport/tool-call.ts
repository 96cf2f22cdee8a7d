import type { ToolCall } from '@sluice/core';
import { parseJson } from './json.ts';

/**
 * Makes a tool call of its arguments, whole. Arguments that do not parse are the model's mistake, not the wire's: the
 * call is handed out with the text as its input, and says so.
 */
export function parseCall({
  id,
  name,
  text,
}: {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}): ToolCall {
  if (text.trim() === '') return { id, name, input: {} };
  try {
    return { id, name, input: parseJson(text) };
  } catch {
    return { id, name, input: text, inputError: 'The arguments are no valid JSON' };
  }
}
