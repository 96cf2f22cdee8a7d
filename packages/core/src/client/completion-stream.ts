import { Observable, type Subscriber } from 'rxjs';
import type { CompletionChunk, PartialCompletion, Usage } from '../message/completion.ts';

/** One request under way, pulled chunk by chunk. */
export interface CompletionReader {
  /** Gives the next chunk; `undefined` after the last. */
  next(): Promise<CompletionChunk | undefined>;
  /** Leaves: aborts what is under way. Resolves when nothing of it is left. */
  leave(): Promise<void>;
  readonly partial: PartialCompletion | undefined;
  readonly usage: Usage | undefined;
}

/**
 * The answer of a model as a stream: an `Observable` of its chunks, and an `AsyncIterable` of them.
 *
 * It is cold: nothing is asked before it is subscribed to or iterated, and **each subscription and each iteration is a
 * request of its own**, with its own lease, tokens and bill. To read one answer in several places, `share()` it.
 * Unsubscribing, and leaving a `for await` early, aborts the request.
 *
 * An iteration that is not read holds the provider back; a subscription gets chunks as they come.
 */
export class CompletionStream
  extends Observable<CompletionChunk>
  implements AsyncIterable<CompletionChunk>
{
  readonly #begin: () => CompletionReader;
  #latest: CompletionReader | undefined;

  /** `begin` makes one request. It is called for each subscription and each iteration. */
  constructor(begin: () => CompletionReader) {
    super((subscriber) => {
      const reader = this.#use();
      void pump(reader, subscriber); // it hands every failure to the subscriber
      return () => void reader.leave(); // it never rejects
    });
    this.#begin = begin;
  }

  /** What the latest use has received so far, when that is any content. Kept after an abort and a failure. */
  get partial(): PartialCompletion | undefined {
    return this.#latest?.partial;
  }

  /** The tokens that the latest use has cost so far: told by the provider, or estimated and marked so. */
  get usage(): Usage | undefined {
    return this.#latest?.usage;
  }

  [Symbol.asyncIterator](): AsyncIterator<CompletionChunk, undefined, undefined> {
    return new CompletionIterator(() => this.#use());
  }

  #use(): CompletionReader {
    this.#latest = this.#begin();
    return this.#latest;
  }
}

async function pump(
  reader: CompletionReader,
  subscriber: Subscriber<CompletionChunk>,
): Promise<void> {
  try {
    for (;;) {
      const chunk = await reader.next();
      if (subscriber.closed) return;
      if (chunk === undefined) {
        subscriber.complete();
        return;
      }
      subscriber.next(chunk);
    }
  } catch (error) {
    subscriber.error(error);
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One iteration. The request begins with the first `next`; calls of `next` that overlap are answered in order. */
class CompletionIterator implements AsyncIterator<CompletionChunk, undefined, undefined> {
  readonly #begin: () => CompletionReader;
  #reader: CompletionReader | undefined;
  #latest: Promise<unknown> = Promise.resolve();
  #pulls = 0;
  #isOver = false;

  constructor(begin: () => CompletionReader) {
    this.#begin = begin;
  }

  next(): Promise<IteratorResult<CompletionChunk, undefined>> {
    const pull = (): Promise<IteratorResult<CompletionChunk, undefined>> => this.#pull();
    const isAlone = this.#pulls === 0;
    this.#pulls += 1;
    const result = isAlone ? this.#pull() : this.#latest.then(pull, pull);
    this.#latest = result;
    return result;
  }

  async return(): Promise<IteratorResult<CompletionChunk, undefined>> {
    this.#isOver = true;
    await this.#reader?.leave();
    return DONE;
  }

  /** No async function: it would put two more promises between every chunk and its reader. */
  #pull(): Promise<IteratorResult<CompletionChunk, undefined>> {
    if (this.#isOver) {
      this.#pulls -= 1;
      return Promise.resolve(DONE);
    }
    this.#reader ??= this.#begin();
    return this.#reader.next().then(this.#onChunk, this.#onFailure);
  }

  readonly #onChunk = (
    value: CompletionChunk | undefined,
  ): IteratorResult<CompletionChunk, undefined> => {
    this.#pulls -= 1;
    if (value !== undefined) return { done: false, value };
    this.#isOver = true;
    return DONE;
  };

  readonly #onFailure = (error: unknown): never => {
    this.#pulls -= 1;
    this.#isOver = true;
    throw error;
  };
}
