// The SDK's table of contents. Every name here is a promise.

// base
export { asScheduler } from './base/scheduler.ts';
export { type AfterOptions, type Clock, systemClock } from './base/clock.ts';
export { isSluiceError, SluiceError, type SluiceErrorOptions } from './base/errors.ts';
export { type Json, type JsonObject } from './base/json.ts';
export {
  type ChannelId,
  type MessageId,
  type RunId,
  channelId,
  messageId,
  runId,
} from './base/id.ts';
export { type Random, seededRandom, systemRandom } from './base/random.ts';
export { Secret } from './base/secret.ts';

// events: the rest of their language is `@sluice/core/events`
export type { CommandResult, SluiceCommand } from './events/command.ts';
export type { EventError, EventOf, SluiceEvent } from './events/event.ts';
export type {
  ChannelSnapshot,
  EngineSnapshot,
  LeaseInfo,
  PoolSnapshot,
  PoolStats,
  TargetSnapshot,
} from './events/snapshot.ts';

// message
export type {
  ContentPart,
  ImagePart,
  ProviderExtra,
  ProviderPart,
  TextPart,
  ThinkingPart,
  ToolCall,
  ToolCallPart,
  ToolResultPart,
} from './message/content.ts';
export {
  type AssistantMessage,
  assistantMessage,
  type Message,
  type SystemMessage,
  systemMessage,
  textOf,
  type ToolMessage,
  toolMessage,
  type UserMessage,
  userMessage,
} from './message/message.ts';
export type {
  Attempt,
  Completion,
  CompletionChunk,
  CompletionRequest,
  DoneChunk,
  Finish,
  FinishReason,
  OutputFormat,
  PartialCompletion,
  ThinkingOptions,
  ToolChoice,
  ToolDefinition,
  Usage,
} from './message/completion.ts';
export { OutputError, type OutputErrorKind, readOutput } from './message/output.ts';
export {
  isStandardSchema,
  jsonSchemaOf,
  type OutputSchema,
  type StandardIssue,
  type StandardJsonSchema,
  type StandardResult,
  type StandardSchema,
} from './message/schema.ts';
export {
  formatNamespace,
  type InboundMessage,
  type Namespace,
  type OutboundBody,
  type OutboundMessage,
  type OutboundUsage,
  parseNamespace,
  type ReplyAddress,
} from './message/envelope.ts';
export { collect, CompletionCollector, type CollectorOptions } from './message/collect.ts';
export { charEstimate, countMessage, type Tokenizer } from './message/tokenizer.ts';
export { addUsage, estimateInput, estimateUsage, NO_USAGE } from './message/usage.ts';

// pool
export type { BorrowedContext } from './pool/borrowing.ts';
export type { DrainResult } from './pool/closing.ts';
export {
  LeaseEndedError,
  LeaseRevokedError,
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolCreateError,
  PoolDrainingError,
  type PoolMoment,
  PoolQueueFullError,
  PoolShedError,
  PoolTimeoutError,
  type RevokeReason,
} from './pool/errors.ts';
export type { TenantOptions } from './pool/fair-order.ts';
export { Lease } from './pool/lease.ts';
export {
  type AcquireOptions,
  POOL_DEFAULTS,
  type PoolBackoffOptions,
  type PoolOptions,
  type PoolTuning,
} from './pool/options.ts';
export {
  type CloseOptions,
  type DrainOptions,
  type EvictOptions,
  Pool,
  type PoolEvent,
} from './pool/pool.ts';
export type { SheddingOptions } from './pool/shedding.ts';

// client
export type { BalancerStrategy } from './client/balancer.ts';
export type { CallContext, Client, RateLimits, ResponseMeta } from './client/client.ts';
export {
  type CallCounts,
  type ClientCallOptions,
  ClientPool,
  type ClientPoolEvent,
  type ClientPoolSnapshot,
  type CompletionOptions,
  type EndOptions,
} from './client/client-pool.ts';
export { CompletionStream } from './client/completion-stream.ts';
export type { Capabilities, ModelInfo, Provider } from './client/provider.ts';
export {
  NoTargetError,
  ProviderError,
  type ProviderErrorKind,
  type ProviderErrorOptions,
  ProviderUnknownError,
} from './client/errors.ts';
export { type FaultOptions, type Faults, MAX_FAULT_MS } from './client/fault.ts';
export type { Operator } from './client/operator.ts';
export {
  CLIENT_POOL_DEFAULTS,
  type ClientPoolOptions,
  type ClientTuning,
  type MemberOptions,
} from './client/options.ts';
export { kindOfStatus } from './client/status-kind.ts';
export { DEFAULT_TIMEOUTS, type TimeoutOptions } from './client/timeouts.ts';

// channel
export type { Busy } from './channel/busy.ts';
export type {
  Channel,
  ChannelCapabilities,
  CloseReason,
  HangUpReason,
  OpenContext,
  PullSource,
  SendOptions,
  SentRef,
  Session,
} from './channel/channel.ts';
export {
  ChannelManager,
  type ChannelStep,
  type DeadLetter,
  type RestartRequest,
  type StopOptions,
} from './channel/channel-manager.ts';
export type { ChannelManagerOptions } from './channel/manager-options.ts';
export type { RestartStrategy } from './channel/restart-strategy.ts';
export type { ChannelManagerEventDraft } from './channel/channel-manager-event.ts';
export {
  ChannelFailedError,
  type ChannelFailedErrorOptions,
  ChannelSupersededError,
  HandlerTimeoutError,
  SendError,
  type SendErrorOptions,
} from './channel/errors.ts';
export type { MessageContext, MessageHandler, Reply } from './channel/handler.ts';
export {
  CHANNEL_DEFAULTS,
  type ChannelDefinition,
  type DedupeOptions,
  type OutboxOptions,
  type OverflowMode,
  type QueueOptions,
  type SendRate,
} from './channel/options.ts';
export { Heartbeat, type HeartbeatOptions } from './channel/heartbeat.ts';
export {
  type CompeteOptions,
  memoryOwnershipStore,
  type OwnershipState,
  type OwnershipStore,
} from './channel/ownership.ts';
export type {
  FaultClass,
  RestartBackoffOptions,
  RestartOptions,
} from './channel/restart-policy.ts';
export type { ChannelState } from './channel/state.ts';
export { type TransitionTable, transitionTable } from './channel/transition-table.ts';
export { transition } from './channel/transition.ts';
export type { TypingGuard } from './channel/typing.ts';

// resilience
export { type Backoff, backoffMs, DEFAULT_BACKOFF, type Jitter } from './resilience/backoff.ts';
export { type CircuitOptions, DEFAULT_CIRCUIT } from './resilience/circuit-breaker.ts';
export { classify, type ErrorClass } from './resilience/classify.ts';
export { CircuitOpenError, RateLimitedError, type RefusalOptions } from './resilience/errors.ts';

// routing
export type {
  MentionRule,
  MetadataKeyRule,
  NamespacePrefixRule,
  PredicateRule,
  RoutingRule,
  RuleScope,
  StaticRule,
} from './routing/rule.ts';
export {
  type RouteDescription,
  Router,
  type RoutingDecision,
  type RoutingTable,
} from './routing/router.ts';

// store
export { type StoreConflict, StoreConflictError } from './store/errors.ts';
export {
  MEMORY_STORE_DEFAULTS,
  MemorySessionStore,
  type MemoryStoreOptions,
} from './store/memory-store.ts';
export type {
  AppendOptions,
  SessionStore,
  StoredSession,
  StoreReadOptions,
} from './store/store.ts';

// runtime
export { AGENT_DEFAULTS, type AgentDefinition, type ResolvedAgent } from './runtime/agent.ts';
export type { RunChunk } from './runtime/run-chunk.ts';
export type { RunPhase, RunReporter } from './runtime/run-report.ts';
export {
  type CompletionSource,
  type CompletionSourceOptions,
  type RunOptions,
  Runtime,
  type RuntimeOptions,
} from './runtime/runtime.ts';
export { SessionTurns } from './runtime/session.ts';

// sluice
export type { Engine, EngineStopOptions } from './sluice/engine.ts';
export {
  type AgentTable,
  type CaptureOptions,
  SLUICE_DEFAULTS,
  type SluiceOptions,
  type SluiceTexts,
} from './sluice/options.ts';
export { createSluice } from './sluice/sluice.ts';
