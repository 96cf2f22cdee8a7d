import {
  type Channel,
  ChannelFailedError,
  type CloseReason,
  type OpenContext,
  SendError,
  type Session,
} from '@sluice/core';
import { type ChannelFrame, parsePeerFrame } from '../transport/frame.ts';
import { FrameSession, type FrameSessionOptions } from '../transport/frame-session.ts';
import { type ClientSocket, closeQuietly, SOCKET_OPEN, socketOpened } from '../transport/socket.ts';
import {
  type ResolvedWebSocketChannelOptions,
  resolveWebSocketOptions,
  type WebSocketChannelOptions,
} from './options.ts';

/** The close codes of a peer that is done: it asks for no other try than the policy gives. */
const NORMAL_CLOSURE = 1000;

/**
 * Makes a channel that connects out to a WebSocket and speaks JSON frames over it (`PeerFrame` in, `ChannelFrame` out).
 * Each connection is one socket; connecting again is the supervisor's business. Messages that were not acknowledged may
 * be sent again by the peer: they are answered once.
 *
 * @throws {TypeError} when an option makes no sense.
 * @example
 * ```ts
 * channels.add({ id: 'hub', channel: websocketChannel({ url: 'wss://hub.example/agents' }) });
 * ```
 */
export function websocketChannel(options: WebSocketChannelOptions): Channel {
  const resolved = resolveWebSocketOptions(options);
  return {
    kind: 'websocket',
    capabilities: { streaming: true, ack: true },
    open: (context) => open(resolved, context),
  };
}

async function open(
  options: ResolvedWebSocketChannelOptions,
  { signal, clock }: OpenContext,
): Promise<Session> {
  const url = typeof options.url === 'string' ? options.url : await options.url();
  signal.throwIfAborted();
  const socket = connect(options, url);
  const { heartbeatMs, maxFrameLength } = options;
  const session = new FrameSession({
    kind: 'websocket',
    write: (frame) => write(socket, frame, options),
    hangUp: (patience) => hangUp(socket, patience),
    throttle: throttleOf(socket),
    confirm: options.confirm,
    heartbeat: heartbeatMs === false ? undefined : { clock, intervalMs: heartbeatMs },
    onBadFrame: options.onBadFrame,
  });
  // Listened to before it is open: some servers speak in the same packet as they open.
  socket.addEventListener('message', ({ data }) => {
    session.receive(() => parsePeerFrame(data, maxFrameLength));
  });
  socket.addEventListener('error', () => undefined); // carries no detail; `close` follows
  try {
    await socketOpened(socket, signal, (code) => refusal(code, options));
  } catch (error) {
    session.end({ kind: 'fault', error });
    throw error;
  }
  socket.addEventListener('close', ({ code }) => session.end(reasonOf(code, options)));
  if (socket.readyState !== SOCKET_OPEN) session.end(reasonOf(undefined, options)); // closed in that very moment
  session.beat();
  return session;
}

function connect(options: ResolvedWebSocketChannelOptions, url: string): ClientSocket {
  try {
    return options.connect(url, options.protocols);
  } catch (cause) {
    // A URL or a subprotocol that is none. The text of neither is told: both may hold a secret.
    throw new ChannelFailedError('A WebSocket cannot be made with these options', {
      fatal: true,
      cause,
    });
  }
}

function throttleOf(socket: ClientSocket): FrameSessionOptions['throttle'] {
  if (socket.pause === undefined || socket.resume === undefined) return undefined;
  return { pause: () => socket.pause?.(), resume: () => socket.resume?.() };
}

function write(
  socket: ClientSocket,
  frame: ChannelFrame,
  { maxBufferedBytes }: ResolvedWebSocketChannelOptions,
): void {
  // A socket that is closing drops what it is given without a word.
  if (socket.readyState !== SOCKET_OPEN) throw new SendError('The WebSocket is not open');
  if (socket.bufferedAmount > maxBufferedBytes) {
    throw new SendError(`The peer reads too slowly: ${socket.bufferedAmount} bytes wait`);
  }
  socket.send(JSON.stringify(frame));
}

/** The closing handshake has no time limit of its own: `patience` is it. */
async function hangUp(socket: ClientSocket, patience: AbortSignal): Promise<void> {
  if (socket.readyState > SOCKET_OPEN + 1) return;
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
    patience.addEventListener('abort', () => resolve(), { once: true });
    if (patience.aborted) resolve();
  });
  closeQuietly(socket, NORMAL_CLOSURE);
  await closed;
}

function refusal(code: number | undefined, options: ResolvedWebSocketChannelOptions): Error {
  return failure('The WebSocket could not be opened', code, options);
}

function reasonOf(code: number | undefined, options: ResolvedWebSocketChannelOptions): CloseReason {
  if (code === NORMAL_CLOSURE) return { kind: 'clean' };
  const error = failure('The WebSocket was closed', code, options);
  return { kind: error.fatal ? 'fatal' : 'fault', error };
}

/** The peer's own words are not passed on: only its code. */
function failure(
  what: string,
  code: number | undefined,
  { fatalCodes }: ResolvedWebSocketChannelOptions,
): ChannelFailedError {
  const fatal = code !== undefined && fatalCodes.includes(code);
  return new ChannelFailedError(code === undefined ? what : `${what} (code ${code})`, { fatal });
}
