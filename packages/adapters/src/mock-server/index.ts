// A provider on a port of its own, for what a mocked `fetch` cannot show: sockets, real cuts, backpressure.

export {
  createMockServer,
  type MockServer,
  type MockServerAddress,
  type MockServerOptions,
} from './server.ts';
export { BELIEVABLE_PHYSICS, believableReply } from '../mock/believable.ts';
export { type Exchange, type ExchangeStatus, Journal } from '../mock/journal.ts';
export {
  type AskedQuestion,
  type MatchedReply,
  type Question,
  type Reply,
  Script,
  type ScriptedBudget,
  type ScriptedLimits,
  type ScriptedToolCall,
  type ScriptOptions,
  type ScriptSource,
} from '../mock/script.ts';
export type { Fault, StatusFault } from '../mock/fault.ts';
export { record, type Recorder, type RecordOptions } from '../mock/record.ts';
export { replay } from '../mock/replay.ts';
export type { RecordedAnswer } from '../mock/cassette.ts';
export type { LimiterOptions } from '../mock/limiter.ts';
export type { UpstreamOptions } from '../mock/upstream.ts';
export type { Framing, Physics } from '../mock/physics.ts';
