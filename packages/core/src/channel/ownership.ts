import type { Observable } from 'rxjs';
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
