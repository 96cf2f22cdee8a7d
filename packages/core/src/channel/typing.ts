import '../base/dispose.ts';
import type { Clock } from '../base/clock.ts';
import type { ReplyAddress } from '../message/envelope.ts';
import type { Connection } from './connection.ts';

/** Says that a reply is being written until it is disposed of. */
export interface TypingGuard extends Disposable {
  /** Stops saying so. */
  stop(): void;
}

/** What typing needs. */
export interface TypingOptions {
  readonly clock: Clock;
  readonly address: ReplyAddress;
  /** The connection to say it by, if there is one now. */
  readonly connection: () => Connection | undefined;
}

/** Says "typing" at once, and again as often as the channel needs it. Says nothing where the channel has no such thing. */
export function startTyping({ clock, address, connection }: TypingOptions): TypingGuard {
  let cancel: (() => void) | undefined;
  let intervalMs: number | undefined;
  let isStopped = false;
  const say = (): void => {
    if (isStopped) return;
    const current = connection();
    if (current !== undefined) intervalMs = intervalOf(current);
    if (intervalMs === undefined) return;
    if (current !== undefined) void sayOnce(current, address); // never rejects
    cancel = clock.after(intervalMs, say, { unref: true }); // also while there is no connection: the next one may come
  };
  const stop = (): void => {
    isStopped = true;
    cancel?.();
  };
  say();
  return { stop, [Symbol.dispose]: stop };
}

function intervalOf({ session, capabilities }: Connection): number | undefined {
  return session.typing === undefined ? undefined : capabilities.typingMs;
}

/** Nobody misses it when it fails: the next one follows, or the reply. */
async function sayOnce({ session }: Connection, address: ReplyAddress): Promise<void> {
  try {
    await session.typing?.(address);
  } catch {
    // As above.
  }
}
