// The dashboard's server as a web-standard handler.

export { createDashboardHandler, type DashboardHandler } from './handler.ts';
export type { RequestInfo } from './guard.ts';
export type {
  DashboardAuth,
  DashboardHandlerOptions,
  ServerTime,
  WatchedEngine,
} from './options.ts';
