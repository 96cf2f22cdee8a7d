// A channel over a bare WebSocket, on the side that connects.

export { websocketChannel } from './channel.ts';
export type { WebSocketChannelOptions } from './options.ts';
export type { ClientSocket, ClientSocketEvent, ConnectSocket } from '../transport/socket.ts';
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
