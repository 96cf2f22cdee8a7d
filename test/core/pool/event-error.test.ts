import { describe, expect, it } from 'vitest';
import { SluiceError } from '@sluice/core';
import { type EventError, toEventError } from '@sluice/core/events';
import type { PoolEvent } from '@sluice/core/pool';
import { aPool, type PoolBenchOptions, take, watch } from '../../support/pool.ts';

const KEY = 'sk-test-0123456789abcdefghijklmnop';

describe('errors in the events of a pool', () => {
  it.each([
    ['a code alone', Object.assign(new Error(KEY), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['nothing, without a code', new Error(KEY), 'UNKNOWN'],
    ['no code that is a text', Object.assign(new Error(KEY), { code: `key ${KEY}` }), 'UNKNOWN'],
    ['nothing of what is no error', KEY, 'UNKNOWN'],
    ['nothing of what is not there', undefined, 'UNKNOWN'],
  ])('show of a foreign error %s', async (_name, thrown, code) => {
    const errors = await errorsOf(thrown);

    expect(errors['client.createFailed']).toEqual({ name: 'Error', code, message: '' });
  });

  it('show the text of the errors that the pool made itself', async () => {
    const errors = await errorsOf(new Error(KEY));

    expect(errors['lease.refused']).toEqual({
      name: 'PoolCreateError',
      code: 'POOL_CREATE_FAILED',
      message: 'Pool "p" could not create a resource (1 in a row)',
    });
  });

  it('show no text of another part of Sluice, which may quote what a server answered', async () => {
    const quoting = new SluiceError('PROVIDER_BAD_REQUEST', `cannot parse "${KEY}"`);

    const errors = await errorsOf(quoting);

    expect(errors['client.createFailed']).toEqual({
      name: 'SluiceError',
      code: 'PROVIDER_BAD_REQUEST',
      message: '',
    });
  });

  it('are shown as the user says', async () => {
    const thrown = new Error(`refused with ${KEY}`);

    const errors = await errorsOf(thrown, { describeError: (error) => toEventError(error) });

    expect(errors['client.createFailed']?.message).toMatch(/^refused with /);
    expect(JSON.stringify(errors)).not.toContain(KEY);
  });

  it('are told of a destroy that failed', async () => {
    const { pool, clock } = aPool({
      destroy: () => Promise.reject(Object.assign(new Error(KEY), { code: 'EPIPE' })),
    });
    const told: unknown[] = [];
    pool.events$.subscribe((event) => {
      if (event.type === 'client.destroyed') told.push(event.error);
    });

    const [lease] = await take(pool, 1);
    lease?.destroy();
    await clock.settle();

    expect(told).toEqual([{ name: 'Error', code: 'EPIPE', message: '' }]);
    expect(pool.stats().size).toBe(0);
  });

  it.each([
    ['an error that throws when it is read', {}, unreadable()],
    ['a description that throws', { describeError: () => throwAnother() }, new Error(KEY)],
  ])('cost no place and no caller, for %s', async (_name, options, thrown) => {
    const { pool, clock, ledger } = aPool({ ...options, maxSize: 1, acquireTimeoutMs: 5_000 });
    ledger.fail({ kind: 'reject', error: thrown });

    const waiting = watch(pool.acquire());
    await clock.advance(1_000);

    expect(waiting.status).toBe('done');
    expect(pool.stats()).toMatchObject({ size: 1, inUse: 1, creating: 0 });
  });
});

/** The errors in the events of a pool whose create fails with `thrown`, by type. */
async function errorsOf(
  thrown: unknown,
  options: PoolBenchOptions = {},
): Promise<Partial<Record<PoolEvent['type'], EventError>>> {
  const { pool, ledger } = aPool({ ...options, createFailure: 'fail' });
  const errors: Partial<Record<PoolEvent['type'], EventError>> = {};
  pool.events$.subscribe((event) => {
    if ('error' in event && event.error !== undefined) errors[event.type] = event.error;
  });
  ledger.fail({ kind: 'reject', error: thrown });
  await pool.acquire().catch(() => {});
  return errors;
}

function unreadable(): unknown {
  return new Proxy({}, { get: throwAnother, has: throwAnother });
}

function throwAnother(): never {
  throw new Error('cannot be read');
}
