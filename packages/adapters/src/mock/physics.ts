import type { Random } from '@sluice/core';

/** How fast a scripted model is. */
export interface Physics {
  /** How long the first event takes, in milliseconds. @defaultValue `0` */
  readonly firstTokenMs?: number | undefined;
  /** How many events a second follow. Default: all at once. */
  readonly tokensPerSecond?: number | undefined;
  /** How far each delay strays, from 0 (not at all) to 1 (from nothing to double). @defaultValue `0` */
  readonly jitter?: number | undefined;
}

/** How the bytes of an answer are cut and ended. */
export interface Framing {
  /**
   * What arrives at once: an event; everything; a number of bytes, which may cut through a character; or pieces of 1 to
   * 64 bytes, as the seed has it. @defaultValue `'event'`
   */
  readonly cut?: 'event' | 'whole' | 'random' | number | undefined;
  /** @defaultValue `'\n'` */
  readonly lineEnd?: '\n' | '\r\n' | '\r' | undefined;
  /** Whether the last event ends with a blank line; some servers leave it out. @defaultValue `true` */
  readonly hasFinalBlankLine?: boolean | undefined;
  /** Whether `[DONE]` is sent, where the dialect has it; some servers leave it out. @defaultValue `true` */
  readonly hasDone?: boolean | undefined;
  /** A comment to send before each event, such as `OPENROUTER PROCESSING`. Lines of JSON have none. Default: none. */
  readonly comment?: string | undefined;
  /** Sends a sign of life before every so many-th event: Anthropic's `ping`, a comment elsewhere. Default: none. */
  readonly pingEvery?: number | undefined;
  /**
   * Where OpenAI's kin tell the usage: in a chunk of its own at the end, in the chunk that finishes, in each chunk, or
   * under `x_groq`. The other dialects have one place for it. @defaultValue `'last'`
   */
  readonly usage?: 'last' | 'finish' | 'every' | 'x_groq' | undefined;
}

/** One event as it is sent: its data, and its name where the dialect gives one; or a comment alone. */
export type WireEvent =
  | { readonly name?: string | undefined; readonly data: string }
  | { readonly comment: string };

/** The longest piece of a random cut, in bytes. */
const MAX_RANDOM_PIECE = 64;

/** How long the event at `place`, counted from 0, takes to come, in milliseconds. */
export function delayOf(place: number, physics: Physics | undefined, random: Random): number {
  const { firstTokenMs = 0, tokensPerSecond = Infinity, jitter = 0 } = physics ?? {};
  const delayMs = place === 0 ? firstTokenMs : 1_000 / tokensPerSecond;
  return delayMs === 0 ? 0 : delayMs * (1 + jitter * (random.next() * 2 - 1));
}

/** Writes one event as server-sent events travel. */
export function frameEvent(event: WireEvent, framing: Framing = {}): string {
  const { lineEnd = '\n', comment } = framing;
  if ('comment' in event) return `: ${event.comment}${lineEnd}${lineEnd}`;
  const before = comment === undefined ? '' : `: ${comment}${lineEnd}${lineEnd}`;
  const name = event.name === undefined ? '' : `event: ${event.name}${lineEnd}`;
  return `${before}${name}data: ${event.data}${lineEnd}${lineEnd}`;
}

/** Writes one event as a line of JSON. Such lines have neither names nor comments, and end in LF or CRLF. */
export function frameLine(event: WireEvent, { lineEnd = '\n' }: Framing = {}): string {
  return 'comment' in event ? '' : `${event.data}${lineEnd === '\r' ? '\n' : lineEnd}`;
}

/** Cuts the bytes of one event, or of a whole answer, into the pieces that arrive at once. */
export function cutBytes(
  bytes: Uint8Array,
  cut: Framing['cut'],
  random: Random,
): readonly Uint8Array[] {
  if (cut === undefined || cut === 'event' || cut === 'whole') return [bytes];
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length =
      cut === 'random' ? 1 + Math.floor(random.next() * MAX_RANDOM_PIECE) : Math.max(1, cut);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
