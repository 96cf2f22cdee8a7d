import {
  type InboundMessage,
  messageId,
  type Namespace,
  type OutboundMessage,
  type ReplyAddress,
} from '@sluice/core';
import type { DeltaFrame, ErrorFrame, FinalFrame, PeerMessage } from './frame.ts';

/** Reads a peer's message as one of the channel `kind`. `from` names the peer, where there are many. */
export function inboundOf(
  frame: PeerMessage,
  kind: string,
  from: string | undefined,
): InboundMessage {
  const { id, text, conversation, metadata } = frame;
  return {
    id: messageId(from === undefined ? id : `${from}/${id}`),
    namespace: namespaceOf(kind, from, conversation),
    text,
    ...(metadata === undefined ? {} : { metadata }),
    ...(from === undefined ? {} : { destination: from }),
  };
}

/** Writes one piece of a reply as a frame. */
export function replyFrame(
  message: OutboundMessage,
  key: string | undefined,
): DeltaFrame | FinalFrame {
  const { body } = message;
  const replyTo = ownId(message);
  if (body.kind === 'delta') return { type: 'delta', replyTo, text: body.text };
  const usage = body.usage === undefined ? {} : { usage: body.usage };
  return { type: 'final', replyTo, text: body.text, ...withKey(key), ...usage };
}

/** Writes an error text as a frame. */
export function errorFrame(
  address: ReplyAddress,
  text: string,
  key: string | undefined,
): ErrorFrame {
  return { type: 'error', replyTo: ownId(address), text, ...withKey(key) };
}

/** The id as the peer gave it: among many peers it was made unique by the peer's name. */
export function ownId({ replyTo, destination }: ReplyAddress): string {
  return destination === undefined ? replyTo : replyTo.slice(destination.length + 1);
}

function namespaceOf(
  kind: string,
  from: string | undefined,
  conversation: string | undefined,
): Namespace {
  if (from === undefined) return [kind, conversation ?? 'main'];
  return conversation === undefined ? [kind, from] : [kind, from, conversation];
}

function withKey(key: string | undefined): { readonly key?: string } {
  return key === undefined ? {} : { key };
}
