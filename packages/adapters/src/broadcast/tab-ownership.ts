import { type OwnershipState, type OwnershipStore, systemClock } from '@sluice/core';
import { Observable, type Subscriber } from 'rxjs';
import { type LockLine, systemLocks } from '../transport/locks.ts';

/** How tabs compete. */
export interface TabOwnershipOptions {
  /** The locks to compete by. Default: the runtime's own, `navigator.locks`. */
  readonly locks?: LockLine | undefined;
}

/**
 * Makes a store for the tabs of one origin: one of them runs a channel, and when it is closed, or crashes, the one that
 * waited longest takes over. By Web Locks, which the browser frees by itself; no timers. The number of an ownership is the
 * time of day at which it was won, in epoch milliseconds.
 *
 * @throws {TypeError} where there are no locks, as on pages that are not secure.
 * @example
 * ```ts
 * const channel = broadcastChannel({ name: 'agents' });
 * channels.add({ id: 'tabs', channel, ownership: tabOwnershipStore() });
 * ```
 */
export function tabOwnershipStore({
  locks = systemLocks(),
}: TabOwnershipOptions = {}): OwnershipStore {
  if (locks === undefined) throw new TypeError('There are no Web Locks here: is the page secure?');
  return {
    compete: (key, { clock = systemClock } = {}) =>
      new Observable((subscriber) => {
        const leaving = new AbortController();
        subscriber.next({ role: 'standby' });
        const own = (): OwnershipState => ({ role: 'owner', fence: clock.timestamp() });
        void compete(subscriber, { locks, key, own, signal: leaving.signal }); // never rejects
        return () => leaving.abort();
      }),
  };
}

interface Competition {
  readonly locks: LockLine;
  readonly key: string;
  readonly own: () => OwnershipState;
  /** Aborted when the wish has ended. */
  readonly signal: AbortSignal;
}

/** Waits in line, holds the lock while the wish lasts, and waits again when somebody steals it. */
async function compete(
  subscriber: Subscriber<OwnershipState>,
  { locks, key, own, signal }: Competition,
): Promise<void> {
  const left = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let wasOwner = true;
  while (!signal.aborted && wasOwner) {
    wasOwner = false;
    try {
      await locks.request(`sluice:${key}`, { signal }, async () => {
        if (signal.aborted) return;
        wasOwner = true;
        subscriber.next(own());
        await left;
      });
    } catch {
      // Left while in line, or stolen. What never was owned is not asked for again: it would be refused again.
      if (!signal.aborted) subscriber.next({ role: 'standby' });
    }
  }
}
