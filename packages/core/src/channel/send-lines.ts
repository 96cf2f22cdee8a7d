import { type Deferred, deferred } from '../base/deferred.ts';

interface Place<T> {
  readonly item: T;
  readonly done: Deferred<void>;
}

/** What is done with each item. `signal` is aborted when all is abandoned. */
type Work<T> = (item: T, signal: AbortSignal) => Promise<void>;

/** Lines of things to be sent: one at a time in each, all lines at once. An empty line leaves no record. */
export class SendLines<T> {
  readonly #work: Work<T>;
  readonly #onEmpty: () => void;
  readonly #lines = new Map<string, Place<T>[]>();
  #closing = new AbortController();
  #size = 0;

  constructor(work: Work<T>, onEmpty: () => void) {
    this.#work = work;
    this.#onEmpty = onEmpty;
  }

  /** How many items wait or are worked on. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item at the end of its line. Resolves or rejects as the work on it does. */
  add(key: string, item: T): Promise<void> {
    const place = { item, done: deferred<void>() };
    place.done.promise.catch(() => undefined); // whoever cares awaits it; of a delta nobody does
    this.#size += 1;
    const line = this.#lines.get(key);
    if (line === undefined) this.#open(key, place);
    else line.push(place);
    return place.done.promise;
  }

  /** The last item of a line, if it still waits. */
  lastWaiting(key: string): T | undefined {
    const line = this.#lines.get(key);
    return line === undefined || line.length < 2 ? undefined : line.at(-1)?.item;
  }

  /** Works on nothing more of what there is: whoever waits for it is told `reason`. */
  abandon(reason: unknown): void {
    const places = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#size = 0;
    this.#closing.abort(reason);
    this.#closing = new AbortController();
    for (const { done } of places) done.reject(reason);
  }

  #open(key: string, first: Place<T>): void {
    const line = [first];
    this.#lines.set(key, line);
    void this.#drive(key, line); // settles each place by itself and never rejects
  }

  async #drive(key: string, line: Place<T>[]): Promise<void> {
    const { signal } = this.#closing;
    for (let place = line[0]; place !== undefined; place = line[0]) {
      try {
        await this.#work(place.item, signal);
        place.done.resolve();
      } catch (error) {
        place.done.reject(error);
      }
      if (signal.aborted) return; // `abandon` has settled the rest
      line.shift();
      this.#size -= 1;
    }
    this.#lines.delete(key);
    if (this.#size === 0) this.#onEmpty();
  }
}
