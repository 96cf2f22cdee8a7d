import type { MessageId } from '../base/id.ts';

/** A hierarchical session key: the unit of order and of isolation. For example `['discord', 'g1', 'c9', 'u7']`. */
export type Namespace = readonly string[];

/** A message that came in by a channel. */
export interface InboundMessage {
  /** Unique within its channel; a second one with the same id is a redelivery. */
  readonly id: MessageId;
  readonly namespace: Namespace;
  readonly text: string;
  /** Who or what sent it, where it came from: for routing. No secrets. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Where replies go, in the channel's own terms. Default: the namespace. */
  readonly destination?: string | undefined;
  /** Aborted when the sender went away and wants no reply. Of this process only: never serialised. */
  readonly signal?: AbortSignal | undefined;
}

/** Whom a reply is for. */
export interface ReplyAddress {
  /** The message that it answers. */
  readonly replyTo: MessageId;
  readonly namespace: Namespace;
  /** Where replies go, in the channel's own terms, as the inbound message said. */
  readonly destination?: string | undefined;
}

/** A message that goes out by a channel: one piece of a reply. */
export interface OutboundMessage extends ReplyAddress {
  /** Which piece of the reply this is, from 0. */
  readonly part: number;
  readonly body: OutboundBody;
}

/**
 * What goes out. Channels that can show an answer while it grows get `delta` pieces and then a `final` with the whole
 * text; others get the `final` alone.
 */
export type OutboundBody =
  | { readonly kind: 'delta'; readonly text: string }
  | {
      readonly kind: 'final';
      readonly text: string;
      readonly usage?: OutboundUsage | undefined;
    };

/** Tokens a reply used, as channels report them. */
export interface OutboundUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Writes a namespace as one string: percent-encoded segments joined by `:`. */
export function formatNamespace(namespace: Namespace): string {
  return namespace.map(encodeSegment).join(':');
}

/**
 * Reads a namespace that `formatNamespace` wrote.
 *
 * @throws {TypeError} when a percent escape is malformed.
 */
export function parseNamespace(text: string): Namespace {
  try {
    return text.split(':').map(decodeURIComponent);
  } catch (cause) {
    throw new TypeError('A namespace has a malformed percent escape', { cause });
  }
}

/** Most segments are ids, in which there is nothing to encode. */
const PLAIN = /^[\w.~-]*$/;

// encodeURIComponent leaves lone surrogates to throw; they become U+FFFD, as they would in UTF-8.
function encodeSegment(segment: string): string {
  if (PLAIN.test(segment)) return segment;
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, '\uFFFD'));
}
