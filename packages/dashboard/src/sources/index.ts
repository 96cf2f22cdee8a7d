// Where a dashboard's picture comes from.

export type { DashboardSource, SourceMessage, SourceStatus } from './source.ts';
export type { Subscribable, Unsubscribable } from './subscribable.ts';
export { localSource, type ObservableEngine } from './local.ts';
export {
  sseSource,
  type EventStream,
  type EventStreamMessage,
  type SseSourceOptions,
} from './sse.ts';
