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
  let isStopped = false;
  const say = (): void => {
    const current = connection();
    const intervalMs = current?.capabilities.typingMs;
    if (isStopped || current?.session.typing === undefined || intervalMs === undefined) return;
    // Nobody misses it when it fails: the next one follows, or the reply.
    void current.session.typing(address).catch(() => undefined);
    cancel = clock.after(intervalMs, say, { unref: true });
  };
  const stop = (): void => {
    isStopped = true;
    cancel?.();
  };
  say();
  return { stop, [Symbol.dispose]: stop };
}
