import { Observable, type Subscriber } from 'rxjs';
import type { Clock } from '../base/clock.ts';

/**
 * Sees to it that only one process runs a channel. Subscribing competes for it, unsubscribing frees it; the stream lasts
 * as long as the wish and never errors.
 */
export interface OwnershipStore {
  compete(key: string, options?: CompeteOptions): Observable<OwnershipState>;
}

/** How a process competes. */
export interface CompeteOptions {
  readonly clock?: Clock | undefined;
}

/** Whether this process runs the channel. */
export type OwnershipState =
  | { readonly role: 'standby' }
  | {
      readonly role: 'owner';
      /** Grows with every owner: stores refuse what an earlier one still writes. */
      readonly fence: number;
    };

/** Makes a store for one process: whoever competes first owns, and the next in line follows. For tests and for one node. */
export function memoryOwnershipStore(): OwnershipStore {
  const lines = new Map<string, Subscriber<OwnershipState>[]>();
  let fence = 0;
  const appoint = (owner: Subscriber<OwnershipState> | undefined): void => {
    if (owner === undefined) return;
    fence += 1;
    owner.next({ role: 'owner', fence });
  };
  return {
    compete: (key) =>
      new Observable((subscriber) => {
        const line = lines.get(key) ?? [];
        lines.set(key, line);
        line.push(subscriber);
        if (line.length === 1) appoint(subscriber);
        else subscriber.next({ role: 'standby' });
        return () => {
          const wasOwner = line[0] === subscriber;
          line.splice(line.indexOf(subscriber), 1);
          if (line.length === 0) lines.delete(key);
          else if (wasOwner) appoint(line[0]);
        };
      }),
  };
}
