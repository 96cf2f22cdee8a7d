import { type Deferred, deferred } from '../base/deferred.ts';

/** Who waits for a pool to have its minimum ready: nobody, or all callers on one promise. */
export class Readiness {
  #awaited: Deferred<void> | undefined;

  /** Whether anybody waits for it. */
  get isAwaited(): boolean {
    return this.#awaited !== undefined;
  }

  /** Settles with the next `reach` or `fail`. */
  wait(): Promise<void> {
    this.#awaited ??= deferred<void>();
    return this.#awaited.promise;
  }

  /** The minimum is there. */
  reach(): void {
    this.#awaited?.resolve();
    this.#awaited = undefined;
  }

  /** It will not be. */
  fail(error: unknown): void {
    this.#awaited?.reject(error);
    this.#awaited = undefined;
  }
}
