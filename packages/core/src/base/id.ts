import type { Random } from './random.ts';

declare const kind: unique symbol;

/** The id of one run: one message on its way to one reply. Carried by every event of its way. */
export type RunId = string & { readonly [kind]: 'run' };
/** The id of a channel, chosen by the user, unique in its engine. */
export type ChannelId = string & { readonly [kind]: 'channel' };
/** The id of a message, given by its channel, unique within it. */
export type MessageId = string & { readonly [kind]: 'message' };

/** Names a string as the id of a run. */
export function runId(id: string): RunId {
  return id as RunId;
}

/** Names a string as the id of a channel. */
export function channelId(id: string): ChannelId {
  return id as ChannelId;
}

/** Names a string as the id of a message. */
export function messageId(id: string): MessageId {
  return id as MessageId;
}

/** Crockford's base 32: no letter that is read as a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Draws an id of 12 characters (60 bits): among a million ids the odds of a clash are under one in two million.
 * Unique, not secret: never use it as a token.
 */
export function newId(random: Random): string {
  let id = '';
  for (let i = 0; i < 12; i += 1) id += ALPHABET[Math.floor(random.next() * 32)];
  return id;
}

/** Writes 60 of the 64 bits of two unsigned 32-bit numbers as 12 characters of Crockford's base 32. */
export function base32(high: number, low: number): string {
  let text = '';
  for (const lane of [high, low]) {
    for (let shift = 25; shift >= 0; shift -= 5) text += ALPHABET[(lane >>> shift) & 31];
  }
  return text;
}
