import { describe, expect, it } from 'vitest';
import { assertNever, invariant } from '../../../packages/core/src/base/assert.ts';
import { isSluiceError, SluiceError, toError } from '../../../packages/core/src/base/errors.ts';
import { isRecord, withoutUndefined } from '../../../packages/core/src/base/json.ts';

class GateError extends SluiceError {
  override readonly name = 'GateError';
}

describe('an error of Sluice', () => {
  it('carries its code, its cause, and whether trying again helps', () => {
    const cause = new Error('rust');

    const error = new GateError('GATE_STUCK', 'The gate is stuck', { cause, retryable: true });

    expect(error).toMatchObject({ name: 'GateError', code: 'GATE_STUCK', retryable: true, cause });
    expect(error).toBeInstanceOf(Error);
  });

  it('does not ask for another try, and has no cause, unless told', () => {
    const error = new GateError('GATE_STUCK', 'The gate is stuck');

    expect(error.retryable).toBe(false);
    expect('cause' in error).toBe(false);
  });

  it('is known by its mark, also when it comes from another copy of the package', () => {
    const fromAnotherCopy = Object.defineProperty(
      Object.assign(new Error('stuck'), { code: 'GATE_STUCK' }),
      Symbol.for('sluice.error'),
      { value: true },
    );

    expect(isSluiceError(fromAnotherCopy, 'GATE_STUCK')).toBe(true);
    expect(SluiceError.is(fromAnotherCopy)).toBe(true);
    expect(isSluiceError(fromAnotherCopy, 'OTHER')).toBe(false);
  });

  it.each([new Error('x'), { code: 'GATE_STUCK' }, null, undefined, 'GATE_STUCK'])(
    'is not %s',
    (value) => {
      expect(isSluiceError(value)).toBe(false);
    },
  );
});

describe('whatever was thrown', () => {
  const unreadable = Object.create(null) as object;
  const hostile = {
    get message(): string {
      throw new Error('a trap');
    },
  };

  it('stays as it is when it is an error', () => {
    const error = new RangeError('x');

    expect(toError(error)).toBe(error);
  });

  it.each([
    ['a text', 'a text'],
    [42, '42'],
    [undefined, 'undefined'],
    [{ message: 'like an error' }, 'like an error'],
    [Symbol('s'), 'Symbol(s)'],
    [unreadable, 'Something that cannot be read was thrown'],
    [hostile, 'Something that cannot be read was thrown'],
  ])('becomes an error that can be read: case %#', (thrown, message) => {
    expect(toError(thrown).message).toBe(message);
  });
});

describe('what cannot happen', () => {
  it('is a TypeError that does not show what values hold', () => {
    const value = { status: 'lost', key: 'sk-canary' } as never;

    expect(() => assertNever(value)).toThrow(new TypeError('Unexpected value: status, key'));
    expect(() => assertNever('odd' as never)).toThrow('Unexpected value: odd');
    expect(() => invariant(false, 'size is 3')).toThrow('Invariant broken: size is 3');
    expect(() => invariant(true, 'size is 3')).not.toThrow();
  });
});

describe('plain JSON', () => {
  it('knows an object with named fields', () => {
    expect([{}, [], null, 'a', 1].map(isRecord)).toEqual([true, false, false, false, false]);
  });

  it('has no field that is undefined', () => {
    expect(Object.keys(withoutUndefined({ a: 1, b: undefined, c: null }))).toEqual(['a', 'c']);
  });
});
