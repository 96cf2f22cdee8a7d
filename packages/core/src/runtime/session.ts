import { onAbort } from '../base/abort.ts';
import { deferred } from '../base/deferred.ts';
import { toDisposable } from '../base/dispose.ts';
import { formatNamespace, type Namespace } from '../message/envelope.ts';

/**
 * Lets one turn at a time into each namespace, in the order of asking: two turns of one conversation would read the same
 * history and answer past each other. Conversations do not wait for each other, and an idle one costs nothing.
 */
export class SessionTurns {
  /** Who waits, for each namespace where somebody has the turn. */
  readonly #lines = new Map<string, (() => void)[]>();

  /** How many namespaces have a turn under way. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Waits for the turn. The caller owns the result and disposes of it when the turn is over.
   *
   * @throws `signal.reason`, untouched, when the signal is aborted while waiting.
   */
  async take(namespace: Namespace, signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    const key = formatNamespace(namespace);
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, []);
    else await waitIn(line, signal);
    return toDisposable(() => this.#passOn(key));
  }

  #passOn(key: string): void {
    const next = this.#lines.get(key)?.shift();
    if (next === undefined) this.#lines.delete(key);
    else next();
  }
}

/** Stands in line until called. Who is called has left the line already, so that an abort comes before or not at all. */
function waitIn(line: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = deferred<void>();
  const called = (): void => {
    stopListening();
    resolve();
  };
  line.push(called);
  const stopListening = onAbort(signal, (reason) => {
    line.splice(line.indexOf(called), 1);
    reject(reason);
  });
  return promise;
}
