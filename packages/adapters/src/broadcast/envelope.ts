import { isRecord, textAt } from '../transport/json.ts';

/**
 * One frame among all that go over a `BroadcastChannel`, where everybody hears everything. `to` and `from` are names of
 * peers; the channel itself has none.
 */
export interface BroadcastEnvelope {
  /** The version of this protocol. */
  readonly sluice: 1;
  /** Who says it. Absent: the channel. */
  readonly from?: string | undefined;
  /** For whom it is. Absent: from a peer, the channel; from the channel, every peer. */
  readonly to?: string | undefined;
  readonly frame: unknown;
}

const NAME = /^[\w-]{1,64}$/;

/** Reads an envelope. What is none, as of another program that uses the same name, is `undefined`. */
export function readEnvelope(value: unknown): BroadcastEnvelope | undefined {
  if (!isRecord(value) || value['sluice'] !== 1) return undefined;
  const from = textAt(value, 'from');
  const to = textAt(value, 'to');
  if (from !== undefined && !NAME.test(from)) return undefined;
  return {
    sluice: 1,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    frame: value['frame'],
  };
}
