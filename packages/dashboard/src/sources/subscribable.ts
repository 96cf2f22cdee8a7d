/** What the dashboard needs of a stream: RxJS's Observable and the engine's `events$` have it, and so has our own. */
export interface Subscribable<T> {
  /** Calls `next` with every value until unsubscribed. */
  subscribe(next: (value: T) => void): Unsubscribable;
}

/** A subscription that can be ended. */
export interface Unsubscribable {
  /** Ends it. Safe to call twice. */
  unsubscribe(): void;
}
