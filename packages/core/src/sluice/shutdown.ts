import type { Clock } from '../base/clock.ts';
import type { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';

/** What is shut down. */
export interface ShutdownParts {
  readonly channels: ChannelManager;
  readonly clients: ClientPool;
  readonly clock: Clock;
}

/** How long aborted requests may take to give their clients back, in milliseconds: as long as a lease waits for them. */
const LETTING_GO_MS = 100;

/**
 * Ends everything in the order opposite to the way of a message, under one deadline: channels take no more and answer
 * what they accepted, then clients are drained, which closes them. What is not done at the deadline is aborted, and has
 * 100 ms to let go of its clients. Never rejects.
 */
export async function shutDown(parts: ShutdownParts, deadlineMs: number): Promise<void> {
  const { channels, clients, clock } = parts;
  const endsAt = clock.now() + deadlineMs;
  await channels.stop(undefined, { deadlineMs });
  const remainingMs = endsAt - clock.now();
  await clients.drain({ deadlineMs: Math.max(LETTING_GO_MS, remainingMs) });
}
