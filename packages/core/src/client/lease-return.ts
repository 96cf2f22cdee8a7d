import type { Clock } from '../base/clock.ts';
import { isSluiceError } from '../base/errors.ts';
import type { CompletionChunk } from '../message/completion.ts';
import type { Lease } from '../pool/lease.ts';
import type { Client } from './client.ts';
import { ProviderError, type ProviderErrorKind } from './errors.ts';

/** A lease whose attempt has ended, and what is left of the request. */
export interface EndedUse {
  readonly lease: Lease<Client>;
  /** `undefined` when the client has ended it by itself. */
  readonly iterator: AsyncIterator<CompletionChunk> | undefined;
  /** The read under way. */
  readonly pull: Promise<unknown> | undefined;
  /** Why the client must not be lent again; `undefined` when it may. */
  readonly broken: { readonly cause: unknown } | undefined;
  readonly clock: Clock;
}

/** How long a lease waits, in milliseconds, for the request that was left to be cancelled. */
const CANCEL_LIMIT_MS = 100;

/** After these a client may be stuck or out of step. Other kinds are an answer of the provider. */
const BREAKING_KINDS: ReadonlySet<ProviderErrorKind> = new Set([
  'network',
  'malformed',
  'truncated',
  'first-byte-timeout',
  'first-content-timeout',
  'idle-timeout',
  'total-timeout',
]);

/** Whether the client may not have survived a failure: it was no answer of the provider, and no refusal of ours. */
export function isClientBroken(error: unknown): boolean {
  return ProviderError.is(error) ? BREAKING_KINDS.has(error.kind) : !isSluiceError(error);
}

/**
 * Ends a lease when its client has let go of the request, so that a provider never sees more calls than leases. A client
 * that takes longer than 100 ms for it is not lent again. Never rejects.
 */
export async function returnLease(use: EndedUse): Promise<void> {
  const { lease, iterator, pull, broken, clock } = use;
  const hasLetGo =
    iterator === undefined ||
    (await settlesWithin(Promise.allSettled([pull, returned(iterator)]), CANCEL_LIMIT_MS, clock));
  if (hasLetGo && broken === undefined) lease.release();
  else lease.destroy(broken?.cause);
}

/** Asks an iterator to end. One that cannot, or that throws, has nothing more to say. */
function returned(iterator: AsyncIterator<CompletionChunk>): PromiseLike<unknown> | undefined {
  try {
    return iterator.return?.();
  } catch {
    return undefined;
  }
}

function settlesWithin(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve(false));
    void work.then(() => {
      cancel();
      resolve(true);
    });
  });
}
