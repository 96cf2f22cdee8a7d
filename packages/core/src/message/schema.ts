import type { JsonObject } from '../base/json.ts';

/** What validates a value, as the validation libraries agreed: see https://standardschema.dev */
export interface StandardSchema<T = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
    /** Writes the schema as JSON Schema. Missing in older libraries. See https://standardschema.dev/json-schema */
    readonly jsonSchema?: StandardJsonSchema | undefined;
  };
}

/** What came of a validation. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value, and where. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Writes both sides of a schema as JSON Schema: what it takes, and what it makes of that. */
export interface StandardJsonSchema {
  readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
  readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
}

/** A schema for an answer: JSON Schema, or the schema of any library that knows how to write itself as such. */
export type OutputSchema = JsonObject | StandardSchema;

/** Tells whether a schema validates by itself, rather than being JSON Schema. */
export function isStandardSchema(schema: OutputSchema): schema is StandardSchema {
  const standard: unknown = schema['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}

/**
 * Writes a schema as JSON Schema, in the form in which a model has to answer.
 *
 * @throws {TypeError} when the schema's library cannot write it so.
 */
export function jsonSchemaOf(schema: OutputSchema): JsonObject {
  if (!isStandardSchema(schema)) return schema;
  const { jsonSchema, vendor } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw new TypeError(
      `A schema of ${vendor} cannot be written as JSON Schema: give one that has ~standard.jsonSchema, or JSON Schema itself`,
    );
  }
  // The validator takes what the model writes, so that the model has to write what it takes.
  return jsonSchema.input({ target: 'draft-2020-12' }) as JsonObject; // JSON by its specification
}
