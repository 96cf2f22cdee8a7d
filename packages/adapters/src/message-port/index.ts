// A channel over a MessagePort: a page and its worker, two frames, two threads.

export { messagePortChannel, type MessagePortChannelOptions } from './channel.ts';
export { connectPort } from './peer.ts';
export type { FramePort, FramePortEvent } from './port.ts';
export { type AskOptions, type ChannelPeer, PeerError } from '../transport/frame-peer.ts';
export {
  type ChannelFrame,
  type DeltaFrame,
  type ErrorFrame,
  type FinalFrame,
  FrameError,
  type FrameFlaw,
  type FrameRefusal,
  type PeerFrame,
  type PeerMessage,
  type RefusedFrame,
} from '../transport/frame.ts';
