import {
  broadcastChannel,
  type ChannelPeer,
  joinBroadcast,
  tabOwnershipStore,
} from '@sluice/adapters/broadcast';
import { ChannelManager, formatNamespace, type OwnershipStore } from '@sluice/core';

/** What a tab of the broadcast test can do. It is bundled as one script that sets the global `bundle`. */
export interface BroadcastTab {
  /** Answers the other tabs, as `name`. */
  answer(name: string): Promise<void>;
  /** The same, but only while no other tab does. */
  standBy(name: string): Promise<void>;
  /** Asks whichever tab answers. */
  ask(text: string): Promise<{ readonly reply: string; readonly grown: string }>;
  /** How many conversations this tab has had as the one that answers. */
  conversations(): number;
}

declare global {
  interface Window {
    readonly bundle: BroadcastTab;
  }
}

const heard = new Set<string>();
let peer: ChannelPeer | undefined;

/** Answers the other tabs, as `name`. */
export function answer(name: string): Promise<void> {
  return serve(name, undefined);
}

/** The same, but only while no other tab does. */
export function standBy(name: string): Promise<void> {
  return serve(name, tabOwnershipStore());
}

async function serve(name: string, ownership: OwnershipStore | undefined): Promise<void> {
  const channels = new ChannelManager({
    handler: async ({ namespace, text }, { reply }) => {
      heard.add(formatNamespace(namespace));
      reply.delta(`${name} heard: `);
      await reply.final(`${name} heard: ${text}`);
    },
  });
  channels.add({ id: 'tabs', channel: broadcastChannel({ name: 'tabs' }), ownership });
  await channels.start();
}

/** Asks whichever tab answers. */
export async function ask(
  text: string,
): Promise<{ readonly reply: string; readonly grown: string }> {
  peer ??= joinBroadcast({ name: 'tabs' });
  let grown = '';
  const onDelta = (piece: string): void => {
    grown += piece;
  };
  return { reply: await peer.ask(text, { onDelta }), grown };
}

/** How many conversations this tab has had as the one that answers. */
export function conversations(): number {
  return heard.size;
}
