import { VirtualClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import type { Waiter } from '../../../packages/core/src/pool/waiter.ts';
import { Waiters } from '../../../packages/core/src/pool/waiters.ts';
import { collectUntil } from '../../support/pool-garbage.ts';

it('forgets tenants and timeouts that nobody waits with any more', async () => {
  const waiters = aLine();
  const parts = [
    partOf(waiters, { tenant: 'visitor 1' }, ({ line }) => line?.group),
    partOf(waiters, { timeoutMs: 1_001 }, ({ deadlines }) => deadlines),
  ];

  waiters.join({ tenant: 'visitor 2', timeoutMs: 2_000, payload: undefined });
  await collectUntil(() => parts.every((part) => part.deref() === undefined));

  expect(parts.map((part) => part.deref())).toEqual([undefined, undefined]);
  expect(waiters.size).toBe(1);
});

function aLine(): Waiters<string> {
  return new Waiters<string>({
    clock: new VirtualClock(),
    tenants: {},
    onTimeout: () => {},
    onAbort: () => {},
  });
}

/** What a line keeps for a waiter who has come and gone. */
function partOf(
  waiters: Waiters<string>,
  request: { readonly tenant?: string; readonly timeoutMs?: number },
  part: (waiter: Waiter<string>) => object | undefined,
): WeakRef<object> {
  const waiter = waiters.join({ ...request, payload: undefined });
  const kept = new WeakRef(part(waiter) ?? waiter);
  waiters.take();
  return kept;
}
