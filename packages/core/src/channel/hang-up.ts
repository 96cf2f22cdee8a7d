import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import type { Connection } from './connection.ts';
import { ChannelFailedError } from './errors.ts';

/** How a connection is hung up. */
export interface HangUpOptions {
  readonly clock: Clock;
  /** Whether the next connection means to resume this one. */
  readonly keepSession: boolean;
  /** Whether there is no time left: the session is told so at once. */
  readonly isHasty: boolean;
}

/** How long a session may take to close before its patience is ended, in milliseconds. */
const CLOSE_MS = 1_000;

/** How long one may take that was told at once not to take its time. */
const HASTY_CLOSE_MS = 100;

/** Hangs up, but does not wait for ever: a new connection, or the end of a stop, may wait behind it. Never rejects. */
export async function hangUpWithin(
  connection: Connection,
  { clock, keepSession, isHasty }: HangUpOptions,
): Promise<void> {
  const limitMs = isHasty ? HASTY_CLOSE_MS : CLOSE_MS;
  const tooLate = new ChannelFailedError(`Not closed within ${limitMs} ms`, { reason: 'stopped' });
  const patience = new AbortController();
  if (isHasty) patience.abort(tooLate);
  const over = deferred<void>();
  const cancel = clock.after(limitMs, () => {
    patience.abort(tooLate);
    over.resolve();
  });
  void connection.close({ keepSession }, patience.signal).then(over.resolve); // never rejects
  await over.promise;
  cancel();
}
