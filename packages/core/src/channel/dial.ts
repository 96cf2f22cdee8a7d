import { abortable, linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Channel, OpenContext, Session } from './channel.ts';
import { ChannelFailedError } from './errors.ts';

/** What a dial needs. */
export interface DialOptions extends OpenContext {
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Gets a session that came too late. It is to be closed. */
  readonly onLate: (session: Session) => void;
}

/**
 * Connects a channel once, within a time.
 *
 * @throws {ChannelFailedError} when it took too long.
 * @throws `signal.reason` when the signal was aborted, else whatever the channel's `open` rejects with.
 */
export async function dial(channel: Channel, options: DialOptions): Promise<Session> {
  const { timeoutMs, onLate, ...context } = options;
  const link = linkedAbort(options.signal);
  const cancelTimer = cancelAfter(options.clock, timeoutMs, (reason) => link.abort(reason));
  try {
    const opening = open(channel, { ...context, signal: link.signal }, onLate);
    return await abortable(opening, link.signal);
  } finally {
    cancelTimer();
    link[Symbol.dispose]();
  }
}

/** Whether a session comes too late is decided in one place, at the moment in which it comes: it has one owner. */
async function open(
  channel: Channel,
  context: OpenContext,
  onLate: DialOptions['onLate'],
): Promise<Session> {
  const session = await channel.open(context);
  if (context.signal.aborted) {
    onLate(session);
    context.signal.throwIfAborted();
  }
  return session;
}

function cancelAfter(
  clock: Clock,
  timeoutMs: number,
  abort: (reason: unknown) => void,
): () => void {
  return clock.after(timeoutMs, () =>
    abort(
      new ChannelFailedError(`Not connected within ${timeoutMs} ms`, { reason: 'connect-timeout' }),
    ),
  );
}
