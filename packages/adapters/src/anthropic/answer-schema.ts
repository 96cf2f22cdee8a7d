import type { Json, JsonObject } from '@sluice/core';
import { describesObject, mapSchemas } from '../transport/schema.ts';

/** What the wire refuses in a schema for an answer. The model is told of it in words instead. */
const TOLD_IN_WORDS: ReadonlySet<string> = new Set([
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'not',
  'pattern',
  'uniqueItems',
]);

const KNOWN_FORMATS: ReadonlySet<unknown> = new Set([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uri',
  'uuid',
]);

/**
 * Writes a schema as the wire takes it: objects hold what is named and nothing else, `oneOf` is `anyOf`, and bounds of
 * numbers, lengths and the like, which it refuses, become words of the description. Whoever validates the answer does
 * so by the schema that was given.
 */
export function answerSchema(schema: JsonObject): JsonObject {
  return mapSchemas(schema, (inner) => {
    const kept = Object.entries(inner).filter(([keyword, value]) => !isToldInWords(keyword, value));
    const { oneOf, ...rest } = Object.fromEntries(kept);
    return {
      ...rest,
      ...(oneOf === undefined || 'anyOf' in rest ? {} : { anyOf: oneOf }),
      ...(describesObject(inner) ? { additionalProperties: false } : {}),
      ...described(inner),
    };
  });
}

function isToldInWords(keyword: string, value: Json): boolean {
  return TOLD_IN_WORDS.has(keyword) || (keyword === 'format' && !KNOWN_FORMATS.has(value));
}

function described(schema: JsonObject): JsonObject {
  const words = Object.entries(schema)
    .filter(([keyword, value]) => isToldInWords(keyword, value))
    .map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`);
  if (words.length === 0) return {};
  const { description } = schema;
  const before = typeof description === 'string' ? `${description} ` : '';
  return { description: `${before}(${words.join(', ')})` };
}
