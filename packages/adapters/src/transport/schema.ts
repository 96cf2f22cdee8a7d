import type { Json, JsonObject } from '@sluice/core';
import { isRecord } from './json.ts';

/** Keywords of JSON Schema that hold one schema, or a list of them. */
const WITH_SCHEMAS: ReadonlySet<string> = new Set([
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'then',
]);

/** Keywords of JSON Schema that hold schemas by name. */
const WITH_NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

/**
 * Copies a JSON Schema with each schema in it changed, the inner ones first. What only looks like a schema (a default,
 * an example, a property called `items`) stays as it is.
 */
export function mapSchemas(
  schema: JsonObject,
  change: (schema: JsonObject) => JsonObject,
): JsonObject {
  const inner = (value: Json): Json => (isRecord(value) ? mapSchemas(value, change) : value);
  return change(
    mapFields(schema, (value, keyword) => {
      if (WITH_SCHEMAS.has(keyword)) return Array.isArray(value) ? value.map(inner) : inner(value);
      if (WITH_NAMED_SCHEMAS.has(keyword) && isRecord(value)) return mapFields(value, inner);
      return value;
    }),
  );
}

/** Tells whether a schema is one of objects. */
export function describesObject({ type, properties }: JsonObject): boolean {
  return (
    (Array.isArray(type) ? type.includes('object') : type === 'object') || isRecord(properties)
  );
}

function mapFields(
  fields: JsonObject,
  change: (value: Json, key: string) => Json,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, change(value, key)]),
  );
}
