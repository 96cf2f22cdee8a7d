import { linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Channel, Session } from './channel.ts';
import { ChannelFailedError } from './errors.ts';

/** What a dial needs. */
export interface DialOptions {
  readonly clock: Clock;
  /** Aborted when the connection is no longer wanted. */
  readonly signal: AbortSignal;
  /** What the session before left for this one. */
  readonly resume: unknown;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Gets a session that came too late. It is to be closed. */
  readonly onLate: (session: Session) => void;
}

/**
 * Connects a channel once, within a time.
 *
 * @throws {ChannelFailedError} when it took too long, or the signal was aborted.
 * @throws whatever the channel's `open` rejects with.
 */
export async function dial(channel: Channel, options: DialOptions): Promise<Session> {
  const { clock, signal, resume, timeoutMs, onLate } = options;
  const link = linkedAbort(signal);
  let isOver = false;
  const timedOut = new ChannelFailedError(`Not connected within ${timeoutMs} ms`, {
    reason: 'connect-timeout',
  });
  const cancelTimer = clock.after(timeoutMs, () => link.abort(timedOut), { unref: true });
  const session = open(channel, { signal: link.signal, resume, clock });
  const left = new Promise<never>((_, reject) => {
    link.signal.addEventListener('abort', () => reject(link.signal.reason), { once: true });
    if (link.signal.aborted) reject(link.signal.reason);
  });
  // Nobody waits for it once the dial was given up; a failure then is nobody's.
  session.then((late) => (isOver ? onLate(late) : undefined)).catch(() => undefined);
  try {
    return await Promise.race([session, left]);
  } finally {
    isOver = link.signal.aborted;
    cancelTimer();
    link[Symbol.dispose]();
  }
}

/** A channel that throws instead of rejecting is treated alike. */
async function open(channel: Channel, context: Parameters<Channel['open']>[0]): Promise<Session> {
  return channel.open(context);
}
