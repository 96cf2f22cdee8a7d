import { isSluiceError, SluiceError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { busyOf } from '../../../packages/core/src/channel/busy.ts';

class Waiting extends SluiceError {
  readonly retryAfterMs = 1_500;
}

describe('a failure', () => {
  it('is for want of room where the pool, the circuit or the provider says so', () => {
    const codes = ['POOL_QUEUE_FULL', 'CIRCUIT_OPEN', 'PROVIDER_OVERLOADED', 'STORE_CONFLICT'];

    const told = codes.map((code) => busyOf(new SluiceError(code, 'no')));

    expect(told).toEqual([{}, {}, {}, undefined]);
  });

  it('tells how long to wait when that is known', () => {
    const error = new Waiting('RATE_LIMITED', 'later');

    expect(isSluiceError(error)).toBe(true);
    expect(busyOf(error)).toEqual({ retryAfterMs: 1_500 });
  });

  it('of foreign code is no want of room, whatever it is called', () => {
    expect(busyOf(Object.assign(new Error('x'), { code: 'POOL_QUEUE_FULL' }))).toBeUndefined();
  });
});
