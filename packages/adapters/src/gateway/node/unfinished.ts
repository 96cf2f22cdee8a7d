import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** A masked frame of a client with a short payload: two bytes of head, four of mask. */
const CONTROL_FRAME_BYTES = 6;

/**
 * Watches for messages that begin and do not end: fragments without a last one, or a frame of which a byte comes now and
 * then. Idle time does not notice them, since something comes. Calls `onLate` when one takes longer than `timeoutMs`.
 */
export function watchUnfinished(
  socket: WebSocket,
  stream: Duplex,
  { timeoutMs, onLate }: { readonly timeoutMs: number; readonly onLate: () => void },
): void {
  let unfinishedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const settle = (): void => {
    unfinishedBytes = 0;
    clearTimeout(timer);
    timer = undefined;
  };
  const control = (payload: Buffer): void => {
    unfinishedBytes = Math.max(0, unfinishedBytes - CONTROL_FRAME_BYTES - payload.byteLength);
  };
  // ws reads a chunk synchronously, between these two: what is left after it belongs to an unfinished message.
  stream.prependListener('data', (chunk: Buffer) => {
    unfinishedBytes += chunk.byteLength;
  });
  stream.on('data', () => {
    if (unfinishedBytes > 0) timer ??= setTimeout(onLate, timeoutMs).unref();
  });
  socket.on('message', settle);
  socket.on('ping', control);
  socket.on('pong', control);
  socket.on('close', settle);
}
