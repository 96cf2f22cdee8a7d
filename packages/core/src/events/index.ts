// The dashboard's language: plain data types, the snapshot and its fold, redaction and the codec. No engine.

export type {
  EngineEventDraft,
  EventBase,
  EventError,
  EventOf,
  FaultAdded,
  FaultFields,
  FaultKind,
  SluiceEvent,
  SluiceEventDraft,
} from './event.ts';
export type {
  Budget,
  CircuitStatus,
  ClientEvent,
  DestroyReason,
  LeaseEvent,
  PoolEventDraft,
  PoolLifeEvent,
  RefusalReason,
  TargetEvent,
} from './pool-event.ts';
export type {
  AttemptEvent,
  AttemptFields,
  CallEvent,
  EventUsage,
  RouteEvent,
  RunEvent,
  RunEventDraft,
  SendEvent,
} from './run-event.ts';
export type {
  ChannelEventDraft,
  ChannelLifeEvent,
  ChannelStatus,
  DeadLetterReason,
  MessageEvent,
  MessageFields,
  MovedBy,
} from './channel-event.ts';
export type {
  Capability,
  ChannelSnapshot,
  CounterName,
  EngineSnapshot,
  FaultSnapshot,
  LeaseInfo,
  PoolSnapshot,
  PoolStats,
  PublicPoolOptions,
  RestartMark,
  RouteSnapshot,
  RunSnapshot,
  SlotSnapshot,
  TargetSnapshot,
  WaiterSnapshot,
} from './snapshot.ts';
export { applyEvent } from './fold.ts';
export {
  CODEC_VERSION,
  decodeEvent,
  decodeHeader,
  decodeLine,
  decodeSnapshot,
  encodeEvent,
  encodeHeader,
  encodeSnapshot,
  parseEvent,
  parseSnapshot,
  type RecordingHeader,
  type RecordingLine,
} from './codec.ts';
export { CodecError } from './codec-error.ts';
export {
  createRedactor,
  hashIdentity,
  redactJson,
  type Redactor,
  type RedactorOptions,
  toEventError,
} from './redact.ts';
export type { AddFault, CommandBase, CommandResult, SluiceCommand } from './command.ts';
