import { type ChannelPeer, FramePeer } from '../transport/frame-peer.ts';
import type { FramePort, FramePortEvent } from './port.ts';

/**
 * Speaks with a `messagePortChannel` at the other end of `port`. Closing leaves the port open: it is its owner's.
 *
 * @example
 * ```ts
 * const worker = new Worker('./agents.js', { type: 'module' });
 * const peer = connectPort(worker);
 * const reply = await peer.ask('Hello', { onDelta: (text) => show(text) });
 * ```
 */
export function connectPort(port: FramePort): ChannelPeer {
  const onMessage = ({ data }: FramePortEvent): void => peer.receive(data);
  const peer = new FramePeer({
    write: (frame) => port.postMessage(frame),
    hangUp: () => port.removeEventListener('message', onMessage),
  });
  port.addEventListener('message', onMessage);
  port.start?.();
  peer.join();
  return peer;
}
