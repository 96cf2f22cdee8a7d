import { websocketChannel } from '@sluice/adapters/websocket';
import { ChannelManager } from '@sluice/core';

/** What the page of the WebSocket test can do. It is bundled as one script that sets the global `bundle`. */
export interface WebSocketPage {
  /** Connects to a hub and answers it. Resolves when it is connected. */
  serve(url: string): Promise<void>;
  /** How often it has been connected, and how many messages it has answered. */
  told(): { readonly generation: number; readonly replied: number };
}

let channels: ChannelManager | undefined;

/** Connects to a hub and answers it. Resolves when it is connected. */
export async function serve(url: string): Promise<void> {
  channels = new ChannelManager({
    handler: async ({ text }, { reply }) => {
      reply.delta('The page ');
      await reply.final(`The page heard: ${text}`);
    },
  });
  const channel = websocketChannel({ url, confirm: true });
  channels.add({ id: 'hub', channel, restart: { backoff: { baseMs: 20 } } });
  await channels.start();
}

/** How often it has been connected, and how many messages it has answered. */
export function told(): { readonly generation: number; readonly replied: number } {
  const { generation = 0, replied = 0 } = channels?.snapshot()[0] ?? {};
  return { generation, replied };
}
