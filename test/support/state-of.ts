import type { VirtualClock } from '@sluice/core/testing';

/** What a promise has come to once everything that needs no time has happened: `pending`, `resolved`, or its error. */
export async function stateOf(clock: VirtualClock, work: Promise<unknown>): Promise<string> {
  let state = 'pending';
  work.then(
    () => {
      state = 'resolved';
    },
    (error: unknown) => {
      state = String(error);
    },
  );
  await clock.settle();
  return state;
}
