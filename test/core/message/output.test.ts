import { inspect } from 'node:util';
import {
  type FinishReason,
  jsonSchemaOf,
  OutputError,
  readOutput,
  type StandardSchema,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';

interface Place {
  readonly city: string;
}

const JSON_SCHEMA = { type: 'object', properties: { city: { type: 'string' } } } as const;

/** A schema as validation libraries make them. */
function aPlace(more: object = {}): StandardSchema<Place> {
  return {
    '~standard': {
      version: 1,
      vendor: 'acme',
      validate: (value) => {
        const { city } = value as { city?: unknown };
        return typeof city === 'string'
          ? { value: { city: city.toUpperCase() } }
          : { issues: [{ message: `expected a string, got ${String(city)}`, path: ['city'] }] };
      },
      ...more,
    },
  };
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function answer(
  text: string,
  reason: FinishReason = 'stop',
): { readonly text: string; readonly finish: { readonly reason: FinishReason } } {
  return { text, finish: { reason } };
}

describe('an answer with a schema', () => {
  it.each([
    ['bare', '{"city":"Oslo"}'],
    ['with space around', '\n {"city":"Oslo"} \n'],
    ['in fences', '```json\n{"city":"Oslo"}\n```'],
    ['in fences without a language', '```\n{"city":"Oslo"}\n```\n'],
  ])('%s is what the schema makes of it', async (_, text) => {
    expect(await readOutput(answer(text), aPlace())).toEqual({ city: 'OSLO' });
  });

  it('may be validated by a schema that takes its time', async () => {
    const validate = (): Promise<{ value: Place }> => Promise.resolve({ value: { city: 'late' } });

    expect(await readOutput(answer('{}'), aPlace({ validate }))).toEqual({ city: 'late' });
  });

  it('is read, but not validated, by JSON Schema alone', async () => {
    expect(await readOutput(answer('{"city":7}'), JSON_SCHEMA)).toEqual({ city: 7 });
  });

  it.each([
    ['no JSON', answer('Oslo'), 'no-json'],
    ['empty', answer(''), 'no-json'],
    ['cut short by the limit of tokens', answer('{"city":"Os', 'length'), 'cut-short'],
    ['declined', answer('I cannot', 'content-filter'), 'refused'],
    ['of another form', answer('{"city":7}'), 'invalid'],
    ['a fence alone', answer('```'), 'no-json'],
  ] as const)('that is %s is an error with the text', async (_, wrong, kind) => {
    const error = await failureOf(readOutput(wrong, aPlace()));

    expect(OutputError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'OUTPUT_INVALID', kind, retryable: true });
    expect((error as OutputError).text).toBe(wrong.text);
  });

  it('shows nothing of the answer to a log, and all of it to who handles the error', async () => {
    const wrong = answer('{"city":"canary","x":1}');
    const validate = (): {
      issues: readonly { message: string; path: readonly PropertyKey[] }[];
    } => ({
      issues: [{ message: 'got canary', path: ['places', 'canary'] }],
    });

    const error = (await failureOf(readOutput(wrong, aPlace({ validate })))) as OutputError;

    expect(error.issues).toEqual([{ message: 'got canary', path: ['places', 'canary'] }]);
    expect(inspect(error)).not.toContain('canary');
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});

describe('a schema as JSON Schema', () => {
  it('is itself when it is that already', () => {
    expect(jsonSchemaOf(JSON_SCHEMA)).toBe(JSON_SCHEMA);
  });

  it('is what its library writes for what the model has to write', () => {
    const jsonSchema = { input: () => JSON_SCHEMA, output: () => ({ type: 'null' }) };

    expect(jsonSchemaOf(aPlace({ jsonSchema }))).toBe(JSON_SCHEMA);
  });

  it('is refused when its library cannot write it', () => {
    expect(() => jsonSchemaOf(aPlace())).toThrow(/acme cannot be written as JSON Schema/);
  });
});
