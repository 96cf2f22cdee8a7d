import type { DeadlineList } from './deadlines.ts';
import type { Line } from './line.ts';

/** What a caller in line asks for. */
export interface WaitRequest {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  readonly priority?: number | undefined;
  readonly tenant?: string | undefined;
  readonly label?: string | undefined;
}

/** Who hears that a waiter's signal was aborted. */
export interface AbortHearer<T, P> {
  abortWaiter(waiter: Waiter<T, P>): void;
}

/**
 * One caller in line for a `T`. It is a node of two lists, its line and its deadline's, and the listener of its signal:
 * one object and one promise for a wait. `P` is what the owner of the line wants to know of it.
 */
export class Waiter<T, P = undefined> {
  readonly id: number;
  /** When it came, in monotonic milliseconds. */
  readonly since: number;
  readonly promise: Promise<T>;
  /** Grants the wait. Settle a waiter only after it has left the line. */
  resolve!: (value: T) => void;
  /** Refuses the wait. Settle a waiter only after it has left the line. */
  reject!: (reason: unknown) => void;
  readonly label: string | undefined;
  readonly tenant: string | undefined;
  readonly payload: P;
  readonly signal: AbortSignal | undefined;
  readonly #hearer: AbortHearer<T, P>;

  /** Where it stands; undefined once it has left. */
  line: Line<T, P> | undefined = undefined;
  ahead: Waiter<T, P> | undefined = undefined;
  behind: Waiter<T, P> | undefined = undefined;
  deadlines: DeadlineList<T, P> | undefined = undefined;
  sooner: Waiter<T, P> | undefined = undefined;
  later: Waiter<T, P> | undefined = undefined;

  constructor(
    hearer: AbortHearer<T, P>,
    place: { readonly id: number; readonly now: number },
    request: WaitRequest & { readonly payload: P },
  ) {
    this.id = place.id;
    this.since = place.now;
    this.label = request.label;
    this.tenant = request.tenant;
    this.payload = request.payload;
    this.signal = request.signal;
    this.#hearer = hearer;
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** How long it waits at most, in milliseconds; undefined for as long as it takes. */
  get timeoutMs(): number | undefined {
    return this.deadlines?.timeoutMs;
  }

  /** Hears its signal: the object itself is the listener, so that a wait needs no closure for it. */
  handleEvent(): void {
    this.#hearer.abortWaiter(this);
  }
}
