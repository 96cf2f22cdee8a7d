import { isSluiceError, SluiceError } from '../base/errors.ts';

/** Why a store refused to write. */
export type StoreConflict =
  /** The session has changed since it was read. */
  | { readonly kind: 'version'; readonly expected: number; readonly actual: number }
  /** Somebody with a newer fence has written: the writer no longer owns the session. */
  | { readonly kind: 'fence'; readonly fence: number; readonly newest: number };

/**
 * A write that a session store refused, whole: nothing of it was stored. After a version conflict, loading again can
 * help; after a fence conflict nothing can, the work belongs to somebody else by now.
 */
export class StoreConflictError extends SluiceError {
  override readonly name = 'StoreConflictError';
  readonly conflict: StoreConflict;

  constructor(conflict: StoreConflict) {
    super('STORE_CONFLICT', describe(conflict), { retryable: conflict.kind === 'version' });
    this.conflict = conflict;
  }

  static override is(error: unknown): error is StoreConflictError {
    return isSluiceError(error, 'STORE_CONFLICT');
  }
}

function describe(conflict: StoreConflict): string {
  return conflict.kind === 'version'
    ? `The session has changed since it was read (version ${conflict.actual}, expected ${conflict.expected})`
    : `The session is owned by somebody else (fence ${conflict.newest}, ours is ${conflict.fence})`;
}
