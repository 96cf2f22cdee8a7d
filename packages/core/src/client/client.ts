import type { Budget } from '../events/pool-event.ts';
import type { CompletionChunk, CompletionRequest } from '../message/completion.ts';

/** Talks to one model of a provider. Clients are what a client pool lends. */
export interface Client {
  /** The model it asks unless a request names another. */
  readonly model: string;
  /**
   * Streams one answer. Cold: nothing is sent until it is iterated. `return()` aborts. The last chunk is `done`; a
   * stream that ends without it was cut short.
   *
   * @throws {ProviderError} while iterating, when the wire or the provider fails.
   * @throws `context.signal.reason`, untouched, when the signal is aborted.
   */
  stream(request: CompletionRequest, context: CallContext): AsyncIterable<CompletionChunk>;
  /** Lets go of what the client holds. */
  close?(): void | Promise<void>;
}

/** What accompanies one attempt. */
export interface CallContext {
  readonly signal: AbortSignal;
  /** When the caller stops waiting, in monotonic milliseconds of the pool's clock. */
  readonly deadline?: number | undefined;
  readonly tenant?: string | undefined;
  readonly priority?: number | undefined;
  /** Called once, when the response's status and headers have arrived: before the first byte of the body. */
  readonly onMeta?: ((meta: ResponseMeta) => void) | undefined;
  /** Called for each piece of the body that arrives, pings and comments included: alive, though it may say nothing. */
  readonly onBytes?: (() => void) | undefined;
}

/** What a response says before its body. */
export interface ResponseMeta {
  readonly status: number;
  readonly requestId?: string | undefined;
  readonly limits?: RateLimits | undefined;
}

/** The rate limits that a response's headers tell, in one shape for every provider. */
export interface RateLimits {
  readonly requests?: Budget | undefined;
  readonly inputTokens?: Budget | undefined;
  readonly outputTokens?: Budget | undefined;
}
