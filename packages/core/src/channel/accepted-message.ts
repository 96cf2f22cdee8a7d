import type { RunId } from '../base/id.ts';
import type { InboundMessage } from '../message/envelope.ts';
import type { Connection } from './connection.ts';

/** A message from its acceptance to its end. */
export interface AcceptedMessage {
  readonly message: InboundMessage;
  readonly runId: RunId;
  /** Its namespace as one string: the key of its order. */
  readonly key: string;
  /** The connection by which it came. */
  readonly connection: Connection;
  /** Which time it is handed out, from 1. */
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly acceptedAt: number;
  /** Whether its end was told: it has exactly one. */
  isSettled: boolean;
  /** Ends the wait for its handler, once that was called. */
  stopWaiting: (() => void) | undefined;
}
