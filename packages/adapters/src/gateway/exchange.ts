import type { MessageId, OutboundUsage } from '@sluice/core';
import type { GatewaySession } from './sessions.ts';

/** Where the pieces of one reply go: a JSON body, an SSE stream or a WebSocket. */
export interface ReplySink {
  /** A piece of the growing text. */
  delta(text: string): void;
  /** The whole text: the end. */
  final(text: string, usage: OutboundUsage | undefined): void;
  /** No reply will come: the end. `text` is safe to show. */
  fail(code: string, text: string): void;
}

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly id: MessageId;
  readonly session: GatewaySession;
  readonly sink: ReplySink;
  /** Called once, at the end, whatever the end. */
  readonly onEnd: () => void;
}

/** One accepted message and the reply that its sender waits for. It ends once: answered, failed, or left. */
export class Exchange {
  readonly id: MessageId;
  readonly session: GatewaySession;
  readonly #sink: ReplySink;
  readonly #onEnd: () => void;
  readonly #left = new AbortController();
  #beforeEnd: () => void = () => undefined;
  #hasEnded = false;

  constructor(options: ExchangeOptions) {
    this.id = options.id;
    this.session = options.session;
    this.#sink = options.sink;
    this.#onEnd = options.onEnd;
  }

  /** Aborted when the sender has gone away. */
  get signal(): AbortSignal {
    return this.#left.signal;
  }

  /** Whether the sender still waits. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Lets go of something when it ends, whatever the end. Held until then. */
  beforeEnd(letGo: () => void): void {
    this.#beforeEnd = letGo;
  }

  /** Passes a piece of the growing text on. */
  delta(text: string): void {
    if (!this.#hasEnded) this.#sink.delta(text);
  }

  /** Ends with the whole text. */
  final(text: string, usage: OutboundUsage | undefined): void {
    if (this.#end()) this.#sink.final(text, usage);
  }

  /** Ends without a reply. */
  fail(code: string, text: string): void {
    if (this.#end()) this.#sink.fail(code, text);
  }

  /** Ends without a reply because it took too long: whoever works on it is told to stop. */
  expire(text: string): void {
    if (!this.#end()) return;
    this.#sink.fail('reply_timeout', text);
    this.#left.abort(new DOMException('The reply took too long', 'TimeoutError'));
  }

  /** Ends because the sender went away: whoever works on the reply is told to stop. */
  leave(): void {
    if (this.#end()) this.#left.abort(new DOMException('The sender went away', 'AbortError'));
  }

  #end(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#beforeEnd();
    this.#onEnd();
    return true;
  }
}
