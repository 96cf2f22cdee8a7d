import { ignore } from './ignore.ts';

/** Yields what came, as it came: one batch for each piece of the network. Leaves when its signal aborts. */
export type Batches<T> = (signal: AbortSignal) => AsyncGenerator<readonly T[], void>;

/**
 * Makes a cold stream of what `open` yields in batches: nothing happens before the first `next`, and each iteration
 * opens anew.
 *
 * Leaving aborts at once, also while a `next` waits, which an async generator alone would not do: its `return` queues
 * behind that `next`. Once `signal` is aborted, `next` rejects with its reason, untouched. No listener is left on it.
 */
export function coldStream<T>(signal: AbortSignal, open: Batches<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new ColdIterator(signal, open) };
}

class ColdIterator<T> implements AsyncIterator<T> {
  readonly #callerSignal: AbortSignal;
  readonly #source: AsyncGenerator<readonly T[], void>;
  readonly #controller = new AbortController();
  #status: 'new' | 'open' | 'over' = 'new';
  #batch: readonly T[] = [];
  #at = 0;
  /** The last `next` under way: they are answered in their order. */
  #last: Promise<unknown> | undefined;

  constructor(signal: AbortSignal, open: Batches<T>) {
    this.#callerSignal = signal;
    this.#source = open(this.#controller.signal);
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#last === undefined && this.#at < this.#batch.length) {
      if (!this.#callerSignal.aborted) return Promise.resolve(this.#take());
    }
    const result =
      this.#last === undefined
        ? this.#pull()
        : this.#last.then(
            () => this.#pull(),
            () => this.#pull(),
          );
    this.#last = result;
    const settled = (): void => {
      if (this.#last === result) this.#last = undefined;
    };
    void result.then(settled, settled); // the caller handles a failure of `result`
    return result;
  }

  /** Aborts what is under way; resolves once the body's cancellation has settled. */
  async return(): Promise<IteratorResult<T>> {
    this.#end();
    this.#controller.abort(new DOMException('The reader left', 'AbortError'));
    await this.#source.return().catch(ignore); // it was told to leave: how is of no interest any more
    return OVER;
  }

  async #pull(): Promise<IteratorResult<T>> {
    if (this.#status === 'over') return OVER;
    this.#open();
    try {
      this.#callerSignal.throwIfAborted();
      while (this.#at >= this.#batch.length) {
        const { done, value } = await this.#source.next();
        this.#callerSignal.throwIfAborted();
        if (this.#isOver || done === true) {
          this.#end();
          return OVER;
        }
        this.#batch = value;
        this.#at = 0;
      }
      return this.#take();
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** An abort comes back as the caller's own reason, an end by `return` as an end. */
  #failed(error: unknown): IteratorResult<T> {
    const wasOver = this.#isOver;
    this.#end();
    void this.#source.return().catch(ignore);
    if (wasOver) return OVER;
    this.#callerSignal.throwIfAborted();
    throw error;
  }

  /** A getter, since the status changes while `#pull` waits, which the compiler cannot see. */
  get #isOver(): boolean {
    return this.#status === 'over';
  }

  #take(): IteratorResult<T> {
    const value = this.#batch[this.#at] as T; // callers have checked the bound
    this.#at += 1;
    return { done: false, value };
  }

  #open(): void {
    if (this.#status !== 'new') return;
    this.#status = 'open';
    this.#callerSignal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #end(): void {
    this.#status = 'over';
    this.#batch = [];
    this.#at = 0;
    this.#callerSignal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#callerSignal.reason);
}

const OVER: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };
