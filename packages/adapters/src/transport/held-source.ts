import { Observable, type Subscriber } from 'rxjs';

/** What became of an item that was offered. */
export type Offered = 'taken' | 'full' | 'unavailable';

/**
 * Items that are pushed to one subscriber. Those that come before it are held, up to a bound; after it has left, none is
 * taken any more.
 */
export class HeldSource<T> {
  readonly items$: Observable<T>;
  readonly #capacity: number;
  #held: T[] | undefined = [];
  #subscriber: Subscriber<T> | undefined;
  #hasEnded = false;

  /** `onListening` is called when somebody subscribes, before the first item is given. */
  constructor(capacity: number, onListening: () => void) {
    this.#capacity = capacity;
    this.items$ = new Observable((subscriber) => {
      const held = this.#held ?? [];
      this.#held = undefined;
      this.#subscriber = subscriber;
      onListening();
      for (const item of held) subscriber.next(item);
      return () => {
        this.#subscriber = undefined;
      };
    });
  }

  /** Whether somebody takes items now. */
  get isListening(): boolean {
    return this.#subscriber !== undefined && !this.#hasEnded;
  }

  /** Gives an item to the subscriber, or holds it. */
  offer(item: T): Offered {
    if (this.#hasEnded) return 'unavailable';
    if (this.#subscriber !== undefined) {
      this.#subscriber.next(item);
      return 'taken';
    }
    if (this.#held === undefined) return 'unavailable';
    if (this.#held.length >= this.#capacity) return 'full';
    this.#held.push(item);
    return 'taken';
  }

  /**
   * Ends: nothing more is taken; what is held is still given to a later subscriber. It does not complete: that would look
   * like a clean end, before whoever knows better can say how the connection ended.
   */
  end(): void {
    this.#hasEnded = true;
  }
}
