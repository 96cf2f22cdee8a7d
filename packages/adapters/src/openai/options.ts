// What both of OpenAI's wires make of the same wishes.

import {
  type CompletionRequest,
  type ImagePart,
  jsonSchemaOf,
  type OutputFormat,
  type ToolCall,
} from '@sluice/core';
import { strictSchema } from './strict-schema.ts';
import type { JsonSchemaFormat } from './wire.ts';

/** How hard a model should think, in OpenAI's words; `undefined` leaves it to the provider. */
export function effortOf(thinking: CompletionRequest['thinking']): string | undefined {
  if (thinking === undefined) return undefined;
  if (thinking === 'off') return 'none';
  const { effort, budgetTokens } = thinking;
  if (effort !== undefined || budgetTokens === undefined) return effort;
  // There are no budgets on these wires, only three strengths.
  if (budgetTokens <= LOW_BUDGET) return 'low';
  return budgetTokens <= MEDIUM_BUDGET ? 'medium' : 'high';
}

/** Up to how many tokens of thinking are little, and up to how many are some: as gateways translate them. */
const LOW_BUDGET = 2_048;
const MEDIUM_BUDGET = 8_192;

/** Writes the form of the answer: strictly, where the schema can be. */
export function formatOf({ schema, name = 'output' }: OutputFormat): JsonSchemaFormat {
  const plain = jsonSchemaOf(schema);
  const strict = strictSchema(plain);
  return { name, schema: strict ?? plain, strict: strict !== undefined };
}

/** Writes an image as a URL: its own, or one that holds its bytes. */
export function imageUrl(source: ImagePart['source']): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** Writes a call's arguments. Those that did not parse go back as the model wrote them, so that it sees its mistake. */
export function argumentsText({ input, inputError }: ToolCall): string {
  const isRaw = inputError !== undefined && typeof input === 'string';
  return isRaw ? input : (JSON.stringify(input) ?? '{}');
}
