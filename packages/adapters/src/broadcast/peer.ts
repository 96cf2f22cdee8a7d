import { type JoinLine, systemBroadcast } from '../transport/broadcast.ts';
import { type ChannelPeer, FramePeer } from '../transport/frame-peer.ts';
import { uniqueId } from '../transport/unique-id.ts';
import { type BroadcastEnvelope, readEnvelope } from './envelope.ts';

/** How a tab joins a broadcast channel. */
export interface JoinBroadcastOptions {
  /** The name that the channel was made with. */
  readonly name: string;
  /** Joins it. Default: the runtime's own `BroadcastChannel`. */
  readonly join?: JoinLine | undefined;
}

/**
 * Speaks with the `broadcastChannel` of the same name, in another tab or worker of this origin. Nobody need be there yet:
 * what is asked waits until somebody is.
 *
 * @example
 * ```ts
 * const peer = joinBroadcast({ name: 'agents' });
 * const reply = await peer.ask('Hello', { onDelta: (text) => show(text) });
 * ```
 */
export function joinBroadcast({ name, join = systemBroadcast }: JoinBroadcastOptions): ChannelPeer {
  const from = uniqueId();
  const line = join(name);
  const onMessage = ({ data }: { readonly data?: unknown }): void => {
    const envelope = readEnvelope(data);
    if (envelope === undefined || envelope.from !== undefined) return; // not ours, or another peer's
    if (envelope.to === undefined || envelope.to === from) peer.receive(envelope.frame);
  };
  const peer = new FramePeer({
    write: (frame) => {
      const envelope: BroadcastEnvelope = { sluice: 1, from, frame };
      line.postMessage(envelope);
    },
    hangUp: () => {
      line.removeEventListener('message', onMessage);
      line.close();
    },
  });
  line.addEventListener('message', onMessage);
  peer.join();
  return peer;
}
