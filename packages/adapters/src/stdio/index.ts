// Channels over standard input and output, or any two streams of Node.

export { jsonLinesChannel, type JsonLinesOptions } from './json-lines.ts';
export { terminalChannel, type TerminalOptions } from './terminal.ts';
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
