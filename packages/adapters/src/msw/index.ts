// A provider's wire in the page or process under test, by way of Mock Service Worker.

export { llm, type LlmMock, type MockOptions } from './handlers.ts';
export { type Exchange, type ExchangeStatus, Journal } from '../mock/journal.ts';
export {
  type MatchedReply,
  type Question,
  type Reply,
  Script,
  type ScriptedToolCall,
  type ScriptOptions,
  type ScriptSource,
} from '../mock/script.ts';
export type { Fault } from '../mock/fault.ts';
export type { Framing, Physics } from '../mock/physics.ts';
