import type { RunId } from '../base/id.ts';
import type { ReplyAddress } from '../message/envelope.ts';
import type { SentRef } from './channel.ts';
import type { Connection } from './connection.ts';

/** One reply on its way out, piece by piece: what the outbox knows of it. */
export interface ReplyThread {
  readonly runId: RunId;
  readonly address: ReplyAddress;
  /** The connection by which the message came. */
  readonly origin: Connection;
  /** The number of the next piece. */
  nextPart: number;
  /** All that was given as deltas so far. */
  text: string;
  /** Pieces for which there was no rate: shown with the next one. */
  unshown: string;
  /** Whether a piece could not be shown while the reply grew: the others are not tried. */
  isBroken: boolean;
  /** What stands at the peer and can be edited. */
  draft: { readonly ref: SentRef | undefined; readonly text: string } | undefined;
}

/** Begins a reply. */
export function replyThread(runId: RunId, address: ReplyAddress, origin: Connection): ReplyThread {
  return {
    runId,
    address,
    origin,
    nextPart: 0,
    text: '',
    unshown: '',
    isBroken: false,
    draft: undefined,
  };
}

/** Numbers the next piece of a reply. */
export function takePart(thread: ReplyThread): number {
  const part = thread.nextPart;
  thread.nextPart += 1;
  return part;
}
