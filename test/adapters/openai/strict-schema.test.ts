import type { JsonObject } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { strictSchema } from '../../../packages/adapters/src/openai/strict-schema.ts';

const text = { type: 'string' };

describe('a schema in strict mode', () => {
  it('requires every property and allows no other, all the way down', () => {
    const inner = { type: 'object', properties: { b: text } };

    const schema = strictSchema({
      type: 'object',
      properties: {
        a: inner,
        list: { type: 'array', items: inner },
        one: { anyOf: [inner, text] },
      },
      required: ['a'],
      $defs: { inner },
    });

    const closed = { ...inner, required: ['b'], additionalProperties: false };
    expect(schema).toEqual({
      type: 'object',
      properties: {
        a: closed,
        list: { type: 'array', items: closed },
        one: { anyOf: [closed, text] },
      },
      required: ['a', 'list', 'one'],
      additionalProperties: false,
      $defs: { inner: closed },
    });
  });

  it('loses the words that the mode refuses, and keeps those that it knows', () => {
    const schema = strictSchema({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        a: { ...text, minLength: 1, default: 'x', pattern: '^a', description: 'An a' },
      },
    });

    expect(schema).toEqual({
      type: 'object',
      properties: { a: { ...text, pattern: '^a', description: 'An a' } },
      required: ['a'],
      additionalProperties: false,
    });
  });

  it('takes one of several for any of them', () => {
    const schema = strictSchema({ type: 'object', properties: { a: { oneOf: [text] } } });

    expect(schema).toMatchObject({ properties: { a: { anyOf: [text] } } });
  });

  it('leaves data alone that looks like a schema', () => {
    const a = { enum: [{ type: 'object', properties: {} }] };

    expect(strictSchema({ type: 'object', properties: { a } })).toMatchObject({
      properties: { a },
    });
  });

  it('takes properties of any name, also those that the mode refuses as words', () => {
    const schema = strictSchema({ type: 'object', properties: { default: text, not: text } });

    expect(schema).toMatchObject({ properties: { default: text, not: text } });
  });

  it('changes nothing of what it was given', () => {
    const given = { type: 'object', properties: { a: { ...text, default: 'x' } } };
    const before = structuredClone(given);

    strictSchema(given);

    expect(given).toEqual(before);
  });

  it.each<[string, JsonObject]>([
    ['a list at its root', { type: 'array', items: text }],
    ['one of several at its root', { type: 'object', anyOf: [] }],
    ['a map with free keys', { type: 'object', additionalProperties: text }],
    ['an object of which nothing is said', { type: 'object' }],
    ['anything at all', { type: 'object', properties: { a: {} } }],
    ['anything, in a word', { type: 'object', properties: { a: true } }],
    ['all of several', { type: 'object', properties: { a: { allOf: [text] } } }],
    ['a map inside', { type: 'object', properties: { a: { type: 'object' } } }],
    ['keys by a pattern', { type: 'object', properties: {}, patternProperties: {} }],
  ])('does not exist for %s', (_, schema) => {
    expect(strictSchema(schema)).toBeUndefined();
  });

  it('does not exist for one without end', () => {
    let schema: JsonObject = text;
    for (let depth = 0; depth < 1_000; depth += 1) schema = { type: 'array', items: schema };

    expect(strictSchema({ type: 'object', properties: { schema } })).toBeUndefined();
  });
});
