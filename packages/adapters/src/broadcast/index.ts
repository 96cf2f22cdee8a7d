// A channel over a BroadcastChannel: one tab answers, the others ask.

export { broadcastChannel, type BroadcastChannelOptions } from './channel.ts';
export { joinBroadcast, type JoinBroadcastOptions } from './peer.ts';
export { tabOwnershipStore, type TabOwnershipOptions } from './tab-ownership.ts';
export type { LockLine } from '../transport/locks.ts';
export type { BroadcastLine, JoinLine } from '../transport/broadcast.ts';
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
