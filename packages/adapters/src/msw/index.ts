// A provider's wire in the page or process under test, by way of Mock Service Worker.

export { llm, type LlmMock, type MockDialect, type MockOptions } from './handlers.ts';
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
