import type { Observable } from 'rxjs';
import { type ConnectOptions, resolveConnectOptions } from './connect-options.ts';
import type { GatewayReply } from './client.ts';
import type { GatewayError } from './client-error.ts';
import type { ChatResponse, ServerFrame } from './protocol.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';

/** How a connection stands. */
export type ConnectionState =
  | { readonly status: 'connecting' }
  /** Messages go out. */
  | { readonly status: 'open'; readonly session: string }
  /** Tried again in `delayMs`, after so many failures in a row. */
  | { readonly status: 'backoff'; readonly failures: number; readonly delayMs: number }
  /** The page is kept for later. */
  | { readonly status: 'asleep' }
  | { readonly status: 'closed' }
  /** Not tried again: the gateway does not want this client, or another one took its place. */
  | { readonly status: 'failed'; readonly error: GatewayError };

/** A conversation over a WebSocket that is opened again when it is lost: what was said meanwhile waits. */
export interface GatewayConnection extends Disposable {
  /** The session's id, once the gateway told it. */
  readonly session: string | undefined;
  readonly state: ConnectionState;
  /** The state now, and each that follows. Completes after `close`. */
  readonly state$: Observable<ConnectionState>;
  /** All that comes, whatever it answers; `gap` says that something did not. Hot. Completes after `close`. */
  readonly frames$: Observable<ServerFrame>;
  /**
   * Says something and waits for the whole reply, over as many connections as it takes.
   *
   * @throws {GatewayError} when it is refused, fails, is lost or takes too long. An abort rejects with the signal's reason.
   */
  ask(
    message: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ChatResponse>;
  /**
   * Says something, once it is iterated, and gives the reply as it grows. Leaving the loop stops the reply. After a lost
   * connection pieces may be missing; `response`, the last frame, has the whole text. Iterating again says it again.
   *
   * @throws {GatewayError} while iterating. An abort throws the signal's reason.
   */
  stream(message: string, options?: { readonly signal?: AbortSignal | undefined }): GatewayReply;
  /** Tries at once, or makes sure that the gateway is still there: as when the page wakes up. */
  wake(): void;
  /** Hangs up for good: what is under way ends. Safe to call twice. */
  close(): void;
}

/**
 * Connects to a gateway, in one session, and stays connected: in browsers and wherever there is a `WebSocket`.
 *
 * @throws {TypeError} that names the option, when a value makes no sense.
 */
export function connect(options: ConnectOptions = {}): GatewayConnection {
  const connection = new ReconnectingConnection(resolveConnectOptions(options));
  connection.start();
  return connection;
}
