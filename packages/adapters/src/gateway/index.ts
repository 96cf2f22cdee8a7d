// A web gateway on web-standard Request and Response, and a client for it.

export {
  createGateway,
  type Gateway,
  type GatewayStats,
  type SocketAdmission,
  type SocketTicket,
} from './gateway.ts';
export type { Asker } from './asker.ts';
export type { ConnectionInfo } from './guard.ts';
export {
  DEFAULT_GATEWAY_LIMITS,
  type GatewayLimits,
  type GatewayOptions,
  type Principal,
  type ResolvedGatewayLimits,
  type SessionHistory,
} from './options.ts';
export type {
  ChatRequest,
  ChatResponse,
  ClientFrame,
  GapReason,
  GoodbyeReason,
  ResumeFrame,
  ServerFrame,
  SessionFrame,
  WireError,
  WireUsage,
} from './protocol.ts';
export { bearerToken, GATEWAY_PROTOCOL } from './protocols.ts';
export type { Refusal, RefusalCode } from './refusal.ts';
export type { GatewaySocket, SocketEvents } from './socket.ts';
export {
  createGatewayClient,
  type GatewayClient,
  type GatewayClientOptions,
  type GatewayReply,
  type GatewaySendOptions,
} from './client.ts';
export { GatewayError } from './client-error.ts';
export { connect, type ConnectionState, type GatewayConnection } from './connect.ts';
export type { ConnectOptions, ReconnectBackoff, SendQueueOptions } from './connect-options.ts';
export type { PageLife } from '../transport/page.ts';
export type { ClientSocket, ClientSocketEvent, ConnectSocket } from '../transport/socket.ts';
