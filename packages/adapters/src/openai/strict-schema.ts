import type { Json, JsonObject } from '@sluice/core';
import { isRecord } from '../transport/json.ts';

/** Words of JSON Schema that the strict mode refuses, and that only narrow what a validator checks afterwards anyway. */
const REFUSED: ReadonlySet<string> = new Set([
  '$schema',
  'default',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
]);

/** Words that the strict mode has no substitute for. */
const UNKNOWN: readonly string[] = [
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'dependentRequired',
  'dependentSchemas',
  'allOf',
  'not',
  'if',
];

/** Words that hold a schema under each name. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/** How deep a schema may nest: OpenAI's own bound is 10. */
const MAX_DEPTH = 64;

/**
 * Writes a schema as OpenAI's strict mode wants it: no further properties, and all of them required, which makes the
 * model write what it might have left out. `undefined` for what the mode cannot say, such as a map with free keys.
 * See https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchema(schema: JsonObject): JsonObject | undefined {
  if (schema['type'] !== 'object' || 'anyOf' in schema || 'oneOf' in schema) return undefined;
  try {
    return strict(schema, 0);
  } catch (error) {
    if (error instanceof NotStrict) return undefined;
    throw error;
  }
}

/** Unwinds the walk over a schema. Never seen outside this file. */
class NotStrict extends Error {}

function strict(schema: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH || UNKNOWN.some((word) => word in schema)) throw new NotStrict();
  const fields: Record<string, Json> = {};
  for (const [word, value] of Object.entries(schema)) {
    if (REFUSED.has(word)) continue;
    // Which of several it is gets checked afterwards; for writing, one of them is any of them.
    const name = word === 'oneOf' ? 'anyOf' : word;
    fields[name] = NAMED.has(word) ? eachStrict(value, depth) : valueStrict(name, value, depth);
  }
  if (!isObjectSchema(schema)) return fields;
  const { properties } = fields;
  const isMap = isRecord(schema['additionalProperties']) || !isRecord(properties);
  if (isMap) throw new NotStrict();
  return { ...fields, required: Object.keys(properties), additionalProperties: false };
}

function valueStrict(word: string, value: Json, depth: number): Json {
  if (word === 'items' || word === 'anyOf' || word === 'prefixItems') {
    if (Array.isArray(value)) return value.map((one: Json) => anyStrict(one, depth));
    return anyStrict(value, depth);
  }
  return value; // a plain word, or data such as that of `enum`, which is nobody's schema
}

function eachStrict(value: Json, depth: number): Json {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, anyStrict(one, depth)]),
  );
}

/** `true` and `{}` allow everything, which the strict mode cannot say. */
function anyStrict(value: Json, depth: number): Json {
  if (!isRecord(value) || Object.keys(value).length === 0) throw new NotStrict();
  return strict(value, depth + 1);
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return (
    type === 'object' || (Array.isArray(type) && type.includes('object')) || isRecord(properties)
  );
}
