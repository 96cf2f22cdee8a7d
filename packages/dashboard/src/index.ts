// The dashboard as Svelte components and view-models. For a page without Svelte there is `@sluice/dashboard/element`.

export { default as Dashboard } from './ui/Dashboard.svelte';
export { DashboardView } from './view/dashboard-view.svelte.ts';
export type { DashboardHost } from './view/host.ts';
export type { PoolRow } from './view/pool-row.svelte.ts';
export type { ChannelRow } from './view/channel-row.svelte.ts';
export type { EventLine } from './view/event-line.ts';
export type { Finding, Subject } from './view/verdict.ts';
export type { Theme } from './view/preferences.ts';
export type { DashboardSource, SourceMessage, SourceStatus } from './sources/source.ts';
export type { Subscribable, Unsubscribable } from './sources/subscribable.ts';
export { localSource, type ObservableEngine } from './sources/local.ts';
export { sseSource, type SseSourceOptions } from './sources/sse.ts';
