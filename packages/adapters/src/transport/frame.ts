import { isSluiceError, type OutboundUsage, SluiceError } from '@sluice/core';
import { isRecord, parseJson } from './json.ts';

/** What a peer says to a channel. Fields that are not named here are ignored. */
export type PeerFrame =
  /** Asks for a `hello`: a peer that comes late has missed it. */
  | { readonly type: 'join' }
  | PeerMessage
  /** A final piece has arrived: `key` is the piece's own. Only where the channel was made to `confirm`. */
  | { readonly type: 'received'; readonly key: string }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** The peer leaves. */
  | { readonly type: 'bye' };

/** One message of a peer. */
export interface PeerMessage {
  readonly type: 'message';
  /** Unique among this peer's messages, 1 to 128 characters. The same when it is sent again. */
  readonly id: string;
  /** Not empty. */
  readonly text: string;
  /** Which of the peer's conversations it belongs to, 1 to 128 characters. Default: its only one. */
  readonly conversation?: string | undefined;
  /** For routing: at most 16 entries, names and values of at most 256 characters. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * The session of the last `hello`. A message that was on its way to an earlier one is refused as `unavailable`, so that it
   * cannot overtake those that are sent again. Default: whichever takes it.
   */
  readonly session?: string | undefined;
}

/** What a channel says to a peer. */
export type ChannelFrame =
  /** Messages are taken from now on: what was sent before and not answered may be sent again. */
  | { readonly type: 'hello'; readonly session: string }
  /** This message, and all before it, need not be sent again. */
  | { readonly type: 'ack'; readonly id: string }
  | DeltaFrame
  | FinalFrame
  | ErrorFrame
  /** Nothing more comes for this message. */
  | { readonly type: 'done'; readonly replyTo: string }
  | RefusedFrame
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** Nothing is taken any more, until the next `hello`. */
  | { readonly type: 'bye' };

/** One piece of a growing reply. */
export interface DeltaFrame {
  readonly type: 'delta';
  readonly replyTo: string;
  readonly text: string;
}

/** A whole reply, or the next part of one that was too long for one piece. */
export interface FinalFrame {
  readonly type: 'final';
  readonly replyTo: string;
  readonly text: string;
  /** The same when the piece is sent again. */
  readonly key?: string | undefined;
  readonly usage?: OutboundUsage | undefined;
}

/** There will be no reply. The text is safe to show. */
export interface ErrorFrame {
  readonly type: 'error';
  readonly replyTo: string;
  readonly text: string;
  /** The same when the piece is sent again. */
  readonly key?: string | undefined;
}

/** A frame was not taken. What came before it was, and what comes after it can be. */
export interface RefusedFrame {
  readonly type: 'refused';
  readonly reason: FrameRefusal;
  readonly id?: string | undefined;
}

/** What is wrong with a frame. */
export type FrameFlaw = 'too-long' | 'not-text' | 'not-json' | 'not-a-frame' | 'bad-field';

/** Why a frame was not taken: by its own fault, or because nobody takes messages now (`unavailable`, `full`). */
export type FrameRefusal = FrameFlaw | 'unavailable' | 'full';

/** A frame that makes no sense. It is refused; the connection and everything else that came by it stay. */
export class FrameError extends SluiceError {
  override readonly name = 'FrameError';
  readonly reason: FrameFlaw;
  /** The id of the message that it was meant to be, where that could be read. */
  readonly id: string | undefined;

  constructor(reason: FrameFlaw, message: string, id?: string) {
    super('CHANNEL_BAD_FRAME', message, { retryable: false });
    this.reason = reason;
    this.id = id;
  }

  static override is(error: unknown): error is FrameError {
    return isSluiceError(error, 'CHANNEL_BAD_FRAME');
  }
}

/** Says that a frame made no sense. */
export function refusalOf({ reason, id }: FrameError): RefusedFrame {
  return { type: 'refused', reason, ...(id === undefined ? {} : { id }) };
}

/** The longest message text that is taken by default, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 65_536;

const MAX_ID_LENGTH = 128;
const MAX_METADATA = 16;
const MAX_METADATA_LENGTH = 256;

/**
 * Reads a frame from text that came from outside.
 *
 * @throws {FrameError} when it is longer than `maxLength` UTF-16 units, no JSON, or no frame.
 */
export function parsePeerFrame(text: unknown, maxLength: number): PeerFrame {
  if (typeof text !== 'string') throw new FrameError('not-text', 'A frame must be text');
  if (text.length > maxLength) {
    const problem = `A frame of ${text.length} characters is too long (at most ${maxLength})`;
    throw new FrameError('too-long', problem);
  }
  return readPeerFrame(parsed(text), maxLength);
}

/**
 * Reads a frame from a value that came from outside. Only what is known is copied.
 *
 * @throws {FrameError} when it is none, or its text is longer than `maxLength` UTF-16 units.
 */
export function readPeerFrame(value: unknown, maxLength: number): PeerFrame {
  if (!isRecord(value)) throw new FrameError('not-a-frame', 'A frame must be an object');
  const { type } = value;
  switch (type) {
    case 'message':
      return readMessage(value, maxLength);
    case 'received':
      return { type, key: shortText(value, 'key') };
    case 'join':
    case 'ping':
    case 'pong':
    case 'bye':
      return { type };
    default:
      throw new FrameError('not-a-frame', 'A frame must have a "type" that is known');
  }
}

function readMessage(value: Readonly<Record<string, unknown>>, maxLength: number): PeerMessage {
  const id = shortText(value, 'id');
  const { text } = value;
  if (typeof text !== 'string' || text.trim() === '') {
    throw new FrameError('bad-field', '"text" must be a text that is not empty', id);
  }
  if (text.length > maxLength) {
    const problem = `A text of ${text.length} characters is too long (at most ${maxLength})`;
    throw new FrameError('too-long', problem, id);
  }
  return {
    type: 'message',
    id,
    text,
    conversation: optionalText(value, 'conversation', id),
    metadata: readMetadata(value['metadata'], id),
    session: optionalText(value, 'session', id),
  };
}

/** JSON of other languages writes what is absent as `null`. */
function optionalText(
  value: Readonly<Record<string, unknown>>,
  key: string,
  id: string,
): string | undefined {
  return value[key] === undefined || value[key] === null ? undefined : shortText(value, key, id);
}

function readMetadata(value: unknown, id: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = isRecord(value) ? Object.entries(value) : [];
  const isSound =
    isRecord(value) &&
    entries.length <= MAX_METADATA &&
    entries.every(([name, entry]) => isShort(name) && isShort(entry));
  if (!isSound) {
    const problem = `"metadata" must have at most ${MAX_METADATA} short texts`;
    throw new FrameError('bad-field', problem, id);
  }
  return Object.fromEntries(entries as [string, string][]);
}

function isShort(text: unknown): boolean {
  return typeof text === 'string' && text.length <= MAX_METADATA_LENGTH;
}

function shortText(value: Readonly<Record<string, unknown>>, key: string, id?: string): string {
  const text = value[key];
  if (typeof text === 'string' && text !== '' && text.length <= MAX_ID_LENGTH) return text;
  throw new FrameError('bad-field', `"${key}" must have 1 to ${MAX_ID_LENGTH} characters`, id);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new FrameError('not-json', 'A frame must be JSON that is not nested too deeply');
  }
}
