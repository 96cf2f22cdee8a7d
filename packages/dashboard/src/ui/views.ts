import type { IconName } from './parts/icons.ts';

/** One of the dashboard's views. */
export interface ViewEntry {
  readonly name: IconName;
  readonly title: string;
  /** Whether this version has it. */
  readonly isThere: boolean;
}

/** All views, in the order of the rail. */
export const VIEWS: readonly ViewEntry[] = [
  { name: 'overview', title: 'Overview', isThere: true },
  { name: 'pools', title: 'Pools', isThere: false },
  { name: 'timeline', title: 'Timeline', isThere: false },
  { name: 'channels', title: 'Channels', isThere: false },
  { name: 'events', title: 'Events', isThere: false },
  { name: 'errors', title: 'Errors', isThere: false },
];
