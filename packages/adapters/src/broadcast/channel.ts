import { type Channel, type OpenContext, SendError, type Session } from '@sluice/core';
import { type BroadcastLine, type JoinLine, systemBroadcast } from '../transport/broadcast.ts';
import {
  type ChannelFrame,
  type FrameError,
  MAX_TEXT_LENGTH,
  readPeerFrame,
} from '../transport/frame.ts';
import { FrameSession } from '../transport/frame-session.ts';
import { positive } from '../transport/positive.ts';
import { type BroadcastEnvelope, readEnvelope } from './envelope.ts';

/** How a broadcast channel is made. */
export interface BroadcastChannelOptions {
  /** The name of the `BroadcastChannel`: one name, one channel that answers on it. */
  readonly name: string;
  /** Joins it. Default: the runtime's own `BroadcastChannel`. */
  readonly join?: JoinLine | undefined;
  /** The longest message text that is taken, in UTF-16 units. @defaultValue 65 536 */
  readonly maxTextLength?: number | undefined;
  /** Hears of each frame that was refused because it made no sense. It must not throw. Default: the peer alone. */
  readonly onBadFrame?: ((error: FrameError) => void) | undefined;
}

/**
 * Makes a channel over a `BroadcastChannel`: one tab answers, the other tabs of the same origin ask with `joinBroadcast`.
 * Each peer is a namespace of its own. Where several tabs could answer, `tabOwnershipStore` sees to it that only one does.
 *
 * @throws {TypeError} when an option makes no sense.
 */
export function broadcastChannel(options: BroadcastChannelOptions): Channel {
  const { name, join = systemBroadcast, maxTextLength = MAX_TEXT_LENGTH, onBadFrame } = options;
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('name must be a string that is not empty');
  }
  positive('maxTextLength', maxTextLength);
  return {
    kind: 'broadcast',
    capabilities: { streaming: true },
    open: async ({ signal }: OpenContext): Promise<Session> => {
      signal.throwIfAborted();
      return openOn(join(name), { maxTextLength, onBadFrame });
    },
  };
}

function openOn(
  line: BroadcastLine,
  {
    maxTextLength,
    onBadFrame,
  }: {
    readonly maxTextLength: number;
    readonly onBadFrame: ((error: FrameError) => void) | undefined;
  },
): Session {
  const session = new FrameSession({
    kind: 'broadcast',
    write: (frame, to) => post(line, frame, to),
    hangUp: async () => {
      line.removeEventListener('message', onMessage);
      line.close();
    },
    onBadFrame,
  });
  const onMessage = ({ data }: { readonly data?: unknown }): void => {
    const envelope = readEnvelope(data);
    if (envelope?.from === undefined) return; // not ours, or another channel's
    session.receive(() => readPeerFrame(envelope.frame, maxTextLength), envelope.from);
  };
  line.addEventListener('message', onMessage);
  return session;
}

function post(line: BroadcastLine, frame: ChannelFrame, to: string | undefined): void {
  const envelope: BroadcastEnvelope = { sluice: 1, to, frame };
  try {
    line.postMessage(envelope);
  } catch (cause) {
    throw new SendError('The broadcast channel is closed', { cause });
  }
}
