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
  /** Whether `[DONE]` is sent; some servers leave it out. @defaultValue `true` */
  readonly hasDone?: boolean | undefined;
  /** A comment to send before each event, such as `OPENROUTER PROCESSING`. Default: none. */
  readonly comment?: string | undefined;
}

/** The longest piece of a random cut, in bytes. */
const MAX_RANDOM_PIECE = 64;

/** How long the event at `place`, counted from 0, takes to come, in milliseconds. */
export function delayOf(place: number, physics: Physics | undefined, random: Random): number {
  const { firstTokenMs = 0, tokensPerSecond = Infinity, jitter = 0 } = physics ?? {};
  const delayMs = place === 0 ? firstTokenMs : 1_000 / tokensPerSecond;
  return delayMs === 0 ? 0 : delayMs * (1 + jitter * (random.next() * 2 - 1));
}

/** Writes the data of one event as it travels. */
export function frameEvent(data: string, framing: Framing = {}): string {
  const { lineEnd = '\n', comment } = framing;
  const before = comment === undefined ? '' : `: ${comment}${lineEnd}${lineEnd}`;
  return `${before}data: ${data}${lineEnd}${lineEnd}`;
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
