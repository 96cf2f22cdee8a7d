import type { MessageId, OutboundUsage } from '@sluice/core';
import { type SessionFrame, wireUsage } from './protocol.ts';
import type { GatewaySession } from './session.ts';
import type { LoggedFrame } from './session-log.ts';

/** Where the frames of one reply go: a JSON body, an SSE stream or a WebSocket. `response` and `error` are the last. */
export interface ReplySink {
  frame(logged: LoggedFrame): void;
}

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly id: MessageId;
  /** The client's own name for the message. */
  readonly label: string | undefined;
  readonly session: GatewaySession;
  readonly sink: ReplySink;
  /** Called once, at the end, whatever the end. */
  readonly onEnd: () => void;
}

/** Why there is no reply, for programs. */
export type FailureCode = 'not_answered' | 'reply_failed' | 'reply_timeout' | 'unavailable';

/** One accepted message and the reply that its sender waits for. It ends once: answered, failed, or left. */
export class Exchange {
  readonly id: MessageId;
  readonly label: string | undefined;
  readonly session: GatewaySession;
  readonly #sink: ReplySink;
  readonly #onEnd: () => void;
  readonly #left = new AbortController();
  #beforeEnd: () => void = () => undefined;
  #hasEnded = false;

  constructor(options: ExchangeOptions) {
    this.id = options.id;
    this.label = options.label;
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

  /** Tells that the message was taken. */
  accepted(): void {
    this.#tell({ type: 'accepted', session: this.session.id, ...this.#own });
  }

  /** Passes a piece of the growing text on. */
  delta(text: string): void {
    if (!this.#hasEnded) this.#tell({ type: 'text_delta', content: text, ...this.#own });
  }

  /** Ends with the whole text. */
  final(text: string, usage: OutboundUsage | undefined): void {
    if (!this.#end()) return;
    const { id: session } = this.session;
    const whole = { message: text, session, usage: wireUsage(usage) };
    this.#tell({ type: 'response', ...whole, ...this.#own });
  }

  /** Ends without a reply. `text` is safe to show. */
  fail(code: FailureCode, text: string): void {
    if (this.#end()) this.#tell({ type: 'error', error: text, code, ...this.#own });
  }

  /** Ends without a reply for want of room: another try may help. */
  busy(text: string, retryAfterMs: number): void {
    if (!this.#end()) return;
    const told = { error: text, code: 'busy', retry_after_ms: retryAfterMs } as const;
    this.#tell({ type: 'error', ...told, ...this.#own });
  }

  /** Ends without a reply, because it took too long or is not wanted any more: whoever works on it is told to stop. */
  expire(text: string, code: FailureCode = 'reply_timeout'): void {
    if (!this.isOpen) return;
    this.fail(code, text);
    this.#left.abort(new DOMException('The reply was given up', 'TimeoutError'));
  }

  /** Ends because the sender went away: whoever works on the reply is told to stop, and followers that it ended. */
  leave(): void {
    if (!this.#end()) return;
    const gone = { error: 'The sender went away', code: 'cancelled' } as const;
    this.session.publish({ type: 'error', ...gone, ...this.#own }, this.id);
    this.#left.abort(new DOMException('The sender went away', 'AbortError'));
  }

  #tell(frame: SessionFrame): void {
    this.#sink.frame(this.session.publish(frame, this.id));
  }

  get #own(): { readonly id?: string } {
    return this.label === undefined ? {} : { id: this.label };
  }

  #end(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#beforeEnd();
    this.#onEnd();
    return true;
  }
}
