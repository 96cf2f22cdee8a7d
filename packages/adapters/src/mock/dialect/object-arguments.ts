import { isRecord, parseJson } from '../../transport/json.ts';
import type { ScriptedToolCall } from '../script.ts';
import { argumentsOf } from './pieces.ts';

/** The arguments of a call, for wires that have objects alone: what is none is put into one, as `input`. */
export function objectArguments(call: ScriptedToolCall): Readonly<Record<string, unknown>> {
  const text = argumentsOf(call);
  try {
    const args = parseJson(text);
    return isRecord(args) ? args : { input: args };
  } catch {
    return { input: text };
  }
}
