import {
  type Channel,
  ChannelFailedError,
  type OpenContext,
  SendError,
  type Session,
} from '@sluice/core';
import { type FrameError, MAX_TEXT_LENGTH, readPeerFrame } from '../transport/frame.ts';
import { FrameSession } from '../transport/frame-session.ts';
import { positive } from '../transport/positive.ts';
import type { FramePort, FramePortEvent } from './port.ts';

/** How a message port channel is made. */
export interface MessagePortChannelOptions {
  /** The port, or what gives one for each connection: a worker itself, one end of a `MessageChannel`, `self` in a worker. */
  readonly port: FramePort | (() => FramePort | Promise<FramePort>);
  /** The time between two pings, in milliseconds, for peers that may end without a word. Default: never asked. */
  readonly heartbeatMs?: number | undefined;
  /** The longest message text that is taken, in UTF-16 units. @defaultValue 65 536 */
  readonly maxTextLength?: number | undefined;
  /** Hears of each frame that was refused because it made no sense. It must not throw. Default: the peer alone. */
  readonly onBadFrame?: ((error: FrameError) => void) | undefined;
}

/**
 * Makes a channel over a `MessagePort`: a page and its worker, two frames, two threads. The port stays its owner's: hanging
 * up tells the peer so and leaves the port open, and a restart uses it again. The peer speaks with `connectPort`.
 *
 * @throws {TypeError} when an option makes no sense.
 */
export function messagePortChannel(options: MessagePortChannelOptions): Channel {
  const { port, heartbeatMs, maxTextLength = MAX_TEXT_LENGTH } = options;
  if (typeof port !== 'function' && typeof port?.postMessage !== 'function') {
    throw new TypeError('port must be a MessagePort, or a function that gives one');
  }
  if (heartbeatMs !== undefined) positive('heartbeatMs', heartbeatMs);
  positive('maxTextLength', maxTextLength);
  return {
    kind: 'message-port',
    capabilities: { streaming: true },
    open: (context) => open(options, maxTextLength, context),
  };
}

async function open(
  { port: given, heartbeatMs, onBadFrame }: MessagePortChannelOptions,
  maxTextLength: number,
  { signal, clock }: OpenContext,
): Promise<Session> {
  const port = typeof given === 'function' ? await given() : given;
  signal.throwIfAborted();
  const session = new FrameSession({
    kind: 'message-port',
    write: (frame) => post(port, frame),
    hangUp: async () => {
      port.removeEventListener('message', onMessage);
      port.removeEventListener('close', onClose);
    },
    heartbeat: heartbeatMs === undefined ? undefined : { clock, intervalMs: heartbeatMs },
    onBadFrame,
  });
  const onMessage = ({ data }: FramePortEvent): void => {
    session.receive(() => readPeerFrame(data, maxTextLength));
  };
  // Newer runtimes tell when the other end is gone. A port that was given, not made, cannot be had again.
  const onClose = (): void => {
    const fatal = typeof given !== 'function';
    const error = new ChannelFailedError('The other end of the port is closed', { fatal });
    session.end({ kind: fatal ? 'fatal' : 'fault', error });
  };
  port.addEventListener('message', onMessage);
  port.addEventListener('close', onClose);
  port.start?.();
  session.beat();
  return session;
}

function post(port: FramePort, frame: unknown): void {
  try {
    port.postMessage(frame);
  } catch (cause) {
    throw new SendError('The port takes no messages', { cause });
  }
}
