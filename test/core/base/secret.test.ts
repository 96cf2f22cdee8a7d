import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../packages/core/src/base/secret.ts';

const VALUE = 'sk-canary-0123456789-abcdefghij';

describe('a secret', () => {
  it.each<[string, (secret: Secret) => unknown]>([
    ['String()', String],
    ['a template', (secret) => `the ${secret as unknown as string}`],
    ['adding it to a text', (secret) => `key=${secret as unknown as string}`],
    ['JSON', (secret) => JSON.stringify({ secret, list: [secret] })],
    ['inspect', (secret) => inspect({ secret }, { depth: 10, showHidden: true })],
    [
      'inspect without custom printing',
      (secret) => inspect(secret, { customInspect: false, showHidden: true }),
    ],
    [
      'console formats',
      (secret) => format('%s %o %O %j %d', secret, secret, secret, secret, secret),
    ],
    ['structured cloning', (secret) => inspect(structuredClone(secret), { showHidden: true })],
    ['spreading', (secret) => inspect({ ...secret }, { showHidden: true })],
    ['Object.assign', (secret) => inspect(Object.assign({}, secret), { showHidden: true })],
    ['its entries', (secret) => JSON.stringify(Object.entries(secret))],
    [
      'its own keys and what they hold',
      (secret) => inspect(ownFields(secret), { showHidden: true }),
    ],
    ['an error message', (secret) => inspect(new Error(`refused ${secret as unknown as string}`))],
  ])('is not seen by %s', (_, look) => {
    const secret = new Secret(VALUE);

    const seen = String(look(secret));

    expect(seen).not.toContain('canary');
    expect(seen).not.toContain(VALUE.slice(0, 10));
  });

  it('is handed out by unwrap alone', () => {
    expect(new Secret(VALUE).unwrap()).toBe(VALUE);
  });

  it('has no own field that an inspector or a copy could list', () => {
    expect(Object.keys(new Secret(VALUE))).toEqual([]);
  });

  it.each([
    [VALUE, '****ghij'],
    ['nineteen-characters', '****'],
    ['exactly-20-characters', '****ters'],
    ['123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw', '123456789:****'],
  ])('of value %s has the hint %s', (value, hint) => {
    expect(new Secret(value).hint).toBe(hint);
  });

  it.each(['', undefined, null, 42])('cannot be made of %s', (value) => {
    expect(() => new Secret(value as string)).toThrow(TypeError);
  });

  it('stays the same when it is wrapped again', () => {
    const secret = new Secret(VALUE);

    expect(Secret.from(secret)).toBe(secret);
    expect(Secret.from(VALUE).unwrap()).toBe(VALUE);
  });
});

function ownFields(secret: Secret): readonly unknown[] {
  return Reflect.ownKeys(secret).map((key): unknown => [key, Reflect.get(secret, key)]);
}
