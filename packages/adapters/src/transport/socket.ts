import { untilHeard } from './until-heard.ts';

/** What is read of a socket's events: the data of `message`, the code and reason of `close`. */
export interface ClientSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** What is needed of a WebSocket on the side that connects: the runtime's own fits, and so does that of `ws`. */
export interface ClientSocket {
  readonly readyState: number;
  /** Bytes that were handed over and not sent yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Stops reading, so that whoever sends too fast has to wait. The runtime's own sockets cannot. */
  pause?(): void;
  resume?(): void;
  addEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    listener: (event: ClientSocketEvent) => void,
  ): void;
  removeEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    listener: (event: ClientSocketEvent) => void,
  ): void;
}

/** Makes a socket that connects to `url`. */
export type ConnectSocket = (url: string, protocols: readonly string[]) => ClientSocket;

/** The `readyState` of a socket that can send. */
export const SOCKET_OPEN = 1;

/** Connects the runtime's own `WebSocket`, looked up at each call. */
export const systemSocket: ConnectSocket = (url, protocols) =>
  new globalThis.WebSocket(url, [...protocols]);

/**
 * Resolves once a socket is open.
 *
 * @throws `signal.reason` when that is aborted first, or what `refused` makes of the close code when it does not open. The
 * socket is closed then.
 */
export async function socketOpened(
  socket: ClientSocket,
  signal: AbortSignal,
  refused: (code: number | undefined) => Error,
): Promise<void> {
  if (socket.readyState === SOCKET_OPEN) return;
  try {
    await untilHeard<void>(signal, ({ resolve, reject }) => {
      const onOpen = (): void => resolve();
      const onClose = ({ code }: ClientSocketEvent): void => reject(refused(code));
      socket.addEventListener('open', onOpen);
      socket.addEventListener('close', onClose);
      return () => {
        socket.removeEventListener('open', onOpen);
        socket.removeEventListener('close', onClose);
      };
    });
  } catch (error) {
    closeQuietly(socket);
    throw error;
  }
}

/** Closes a socket that may be closed, or not even open: then there is nothing to do. */
export function closeQuietly(socket: ClientSocket, code?: number): void {
  try {
    socket.close(code);
  } catch {
    // `ws` throws where a browser reports by an event: it is as closed either way.
  }
}
