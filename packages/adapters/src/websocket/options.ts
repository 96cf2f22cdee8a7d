import { type FrameError, MAX_TEXT_LENGTH } from '../transport/frame.ts';
import { type ConnectSocket, systemSocket } from '../transport/socket.ts';
import { positive } from '../transport/positive.ts';

/** How a WebSocket channel connects. */
export interface WebSocketChannelOptions {
  /** Where to connect: `ws:` or `wss:`. A function is asked before each connection, as for a ticket that is used once. */
  readonly url: string | (() => string | Promise<string>);
  /** The subprotocols to ask for; a token may be one of them. Default: none. */
  readonly protocols?: readonly string[] | undefined;
  /** Makes the socket. Default: the runtime's own `WebSocket`. */
  readonly connect?: ConnectSocket | undefined;
  /**
   * The time between two pings, in milliseconds. A peer from which nothing came between two of them is gone; `false`: never
   * asked.
   *
   * @defaultValue 30 000
   */
  readonly heartbeatMs?: number | false | undefined;
  /** Whether a final piece counts as sent only when the peer says `received`; until then it is sent again. @defaultValue false */
  readonly confirm?: boolean | undefined;
  /** The longest frame that is taken, in UTF-16 units. @defaultValue 65 536 */
  readonly maxFrameLength?: number | undefined;
  /** Bytes that may wait to be sent; with more, sends fail and are tried again. @defaultValue 1 048 576 */
  readonly maxBufferedBytes?: number | undefined;
  /** The close codes after which trying again cannot help. @defaultValue 1008, 4401, 4403 */
  readonly fatalCodes?: readonly number[] | undefined;
  /** Hears of each frame that was refused because it made no sense. It must not throw. Default: the peer alone. */
  readonly onBadFrame?: ((error: FrameError) => void) | undefined;
}

/** The options with their defaults filled in. */
export interface ResolvedWebSocketChannelOptions {
  readonly url: string | (() => string | Promise<string>);
  readonly protocols: readonly string[];
  readonly connect: ConnectSocket;
  readonly heartbeatMs: number | false;
  readonly confirm: boolean;
  readonly maxFrameLength: number;
  readonly maxBufferedBytes: number;
  readonly fatalCodes: readonly number[];
  readonly onBadFrame: ((error: FrameError) => void) | undefined;
}

/**
 * Checks the options once and fills in their defaults.
 *
 * @throws {TypeError} that names the option, when a value makes no sense.
 */
export function resolveWebSocketOptions(
  options: WebSocketChannelOptions,
): ResolvedWebSocketChannelOptions {
  const { url, heartbeatMs = 30_000 } = options;
  if (typeof url === 'string') assertSocketUrl(url);
  else if (typeof url !== 'function') throw new TypeError('url must be a string or a function');
  if (heartbeatMs !== false) positive('heartbeatMs', heartbeatMs);
  const { maxFrameLength = MAX_TEXT_LENGTH, maxBufferedBytes = 1_048_576 } = options;
  positive('maxFrameLength', maxFrameLength);
  positive('maxBufferedBytes', maxBufferedBytes);
  return {
    url,
    protocols: options.protocols ?? [],
    connect: options.connect ?? systemSocket,
    heartbeatMs,
    confirm: options.confirm ?? false,
    maxFrameLength,
    maxBufferedBytes,
    fatalCodes: options.fatalCodes ?? [1008, 4401, 4403],
    onBadFrame: options.onBadFrame,
  };
}

/** Tells a URL that is none without its text: it may hold a secret. @throws {TypeError} */
function assertSocketUrl(url: string): void {
  if (URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)) return;
  throw new TypeError('url must be an absolute ws: or wss: URL');
}
