import '../base/dispose.ts';
import type { Entry } from './entry.ts';
import { LeaseEndedError } from './errors.ts';

/** What becomes of a resource when its lease ends. */
export type LeaseEnd =
  | { readonly kind: 'reuse' }
  | { readonly kind: 'destroy'; readonly cause: unknown }
  | { readonly kind: 'detach' };

/** Who lends: ends a lease at its holder's wish, and makes the signal that tells of a revocation. */
export interface Lender<R> {
  endLease(entry: Entry<R>, leaseId: number, end: LeaseEnd): boolean;
  signalOf(entry: Entry<R>, leaseId: number): AbortSignal;
}

const REUSE: LeaseEnd = { kind: 'reuse' };
const DETACH: LeaseEnd = { kind: 'detach' };

/**
 * A resource checked out of a pool. It ends once: the first ending counts, later ones return false and do nothing.
 *
 * ```ts
 * using lease = await pool.acquire();
 * await lease.resource.query('select 1');
 * ```
 */
export class Lease<R> implements Disposable, AsyncDisposable {
  /**
   * Always undefined. A promise that is resolved with an object asks it for `then`; an own field answers faster than
   * the search along its prototypes.
   */
  // oxlint-disable-next-line unicorn/no-thenable -- undefined, so nothing can be called
  readonly then: undefined = undefined;
  /** Unique in its pool. */
  readonly id: number;
  readonly #lender: Lender<R>;
  readonly #entry: Entry<R>;

  constructor(lender: Lender<R>, entry: Entry<R>, id: number) {
    this.id = id;
    this.#lender = lender;
    this.#entry = entry;
  }

  /** The number of the place in the pool that it holds, or held. */
  get slot(): number {
    return this.#entry.slot;
  }

  /** Whether it has ended: by its holder, or because it was revoked. */
  get isEnded(): boolean {
    return this.#entry.leaseId !== this.id;
  }

  /**
   * What was lent.
   *
   * @throws {LeaseEndedError} when the lease has ended: somebody else may own the resource by now.
   */
  get resource(): R {
    if (this.isEnded) throw new LeaseEndedError(this.id);
    return this.#entry.resource as R; // a lease is only made of an entry that holds one
  }

  /**
   * Aborts with a `LeaseRevokedError` when the lease is taken away: by `pool.revoke`, by the usage deadline, or when the
   * pool closes without waiting any longer. Read it while the lease lasts; afterwards it is aborted already.
   */
  get signal(): AbortSignal {
    return this.#lender.signalOf(this.#entry, this.id);
  }

  /** Gives the resource back for the next caller. */
  release(): boolean {
    return this.#lender.endLease(this.#entry, this.id, REUSE);
  }

  /** Takes the resource out of the pool for good, for example after its socket broke. */
  destroy(cause?: unknown): boolean {
    return this.#lender.endLease(this.#entry, this.id, { kind: 'destroy', cause });
  }

  /**
   * Takes the resource out of the pool without destroying it: the caller owns it from now on, and its place is free.
   *
   * @throws {LeaseEndedError} when the lease has ended.
   */
  detach(): R {
    const { resource } = this;
    this.#lender.endLease(this.#entry, this.id, DETACH);
    return resource;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Releases, for `await using`. Nothing is waited for. */
  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return Promise.resolve();
  }
}
