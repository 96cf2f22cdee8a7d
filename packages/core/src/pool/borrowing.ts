import { from, Observable, type ObservableInput } from 'rxjs';
import { linkedAbort, type LinkedAbort, onAbort } from '../base/abort.ts';
import type { Lease } from './lease.ts';
import type { AcquireOptions } from './options.ts';

/** What work on a borrowed resource is told. */
export interface BorrowedContext {
  /** Aborts when the caller's signal does, or when the lease is revoked. Made when it is first read. */
  readonly signal: AbortSignal;
}

/** Where to borrow, and which errors break what was borrowed. */
export interface Lending<R> {
  readonly tryAcquire: (options?: AcquireOptions) => Lease<R> | undefined;
  readonly acquire: (options?: AcquireOptions) => Promise<Lease<R>>;
  readonly isBroken: (error: unknown) => boolean;
}

/** Lends for the length of `work`. An error that broke the resource destroys it. */
export async function lendTo<R, T>(
  lending: Lending<R>,
  work: (resource: R, context: BorrowedContext) => T | PromiseLike<T>,
  options?: AcquireOptions,
): Promise<T> {
  options?.signal?.throwIfAborted();
  const lease = lending.tryAcquire(options) ?? (await lending.acquire(options));
  const context = new LazyContext(lease, options?.signal);
  try {
    options?.signal?.throwIfAborted(); // it may have been aborted while the lease was on its way
    return await work(lease.resource, context);
  } catch (error) {
    if (lending.isBroken(error)) lease.destroy(error);
    throw error;
  } finally {
    context[Symbol.dispose]();
    lease.release(); // does nothing after destroy: a lease ends once
  }
}

/** Possession as a subscription: emits the resource, and gives it back on unsubscribe. */
export function checkout<R>(lending: Lending<R>, options?: AcquireOptions): Observable<R> {
  return new Observable<R>((subscriber) =>
    borrow(lending, options, {
      onLease: (lease) => {
        const stopListening = onAbort(lease.signal, (reason) => subscriber.error(reason));
        subscriber.add(stopListening);
        if (!lease.isEnded) subscriber.next(lease.resource);
      },
      onError: (error) => subscriber.error(error),
    }),
  );
}

/** A stream made of a borrowed resource, which is given back when the stream completes, errors or is unsubscribed. */
export function streamFrom<R, T>(
  lending: Lending<R>,
  work: (resource: R, context: BorrowedContext) => ObservableInput<T>,
  options?: AcquireOptions,
): Observable<T> {
  return new Observable<T>((subscriber) =>
    borrow(lending, options, {
      onLease: (lease) => {
        const context = new LazyContext(lease, options?.signal);
        subscriber.add(() => context[Symbol.dispose]());
        const fail = (error: unknown): void => {
          try {
            if (lending.isBroken(error)) lease.destroy(error);
            subscriber.error(error);
          } catch (thrown) {
            subscriber.error(thrown); // `isBroken` is the host's own
          }
        };
        new Observable<T>((inner) => {
          subscriber.add(inner); // before it emits: a source that emits at once must see that its reader left
          return from(work(lease.resource, context)).subscribe(inner);
        }).subscribe({
          next: (value) => subscriber.next(value),
          error: fail,
          complete: () => subscriber.complete(),
        });
      },
      onError: (error) => subscriber.error(error),
    }),
  );
}

interface Borrower<R> {
  readonly onLease: (lease: Lease<R>) => void;
  readonly onError: (error: unknown) => void;
}

/** Acquires for a subscription. Returns what gives the lease back, or leaves the line if there is none yet. */
function borrow<R>(
  lending: Lending<R>,
  options: AcquireOptions | undefined,
  borrower: Borrower<R>,
): () => void {
  const link = linkedAbort(options?.signal);
  let lease: Lease<R> | undefined;
  let isOver = false;
  const hold = (granted: Lease<R>): void => {
    lease = granted;
    // Unsubscribed between the grant and this moment: nobody is there to hold it.
    if (isOver) granted.release();
    else borrower.onLease(granted);
  };
  const atOnce = link.signal.aborted ? undefined : lending.tryAcquire(options);
  if (atOnce !== undefined) hold(atOnce);
  else void lending.acquire({ ...options, signal: link.signal }).then(hold, borrower.onError); // both ways are handled
  return () => {
    isOver = true;
    lease?.release();
    link.abort();
  };
}

/** A context whose signal costs nothing unless the work asks for it. */
class LazyContext<R> implements BorrowedContext, Disposable {
  readonly #lease: Lease<R>;
  readonly #callerSignal: AbortSignal | undefined;
  #link: LinkedAbort | undefined;

  constructor(lease: Lease<R>, callerSignal: AbortSignal | undefined) {
    this.#lease = lease;
    this.#callerSignal = callerSignal;
  }

  get signal(): AbortSignal {
    this.#link ??= linkedAbort(this.#lease.signal, this.#callerSignal);
    return this.#link.signal;
  }

  [Symbol.dispose](): void {
    this.#link?.[Symbol.dispose]();
  }
}
