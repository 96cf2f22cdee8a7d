import { ChannelDrawer } from './channel-drawer.svelte.ts';
import type { DashboardView } from './dashboard-view.svelte.ts';
import { PoolDrawer } from './pool-drawer.svelte.ts';

/** What the drawer shows of one subject. */
export type DrawerContent = PoolDrawer | ChannelDrawer;

/** Opens the drawer's current subject; undefined when it is closed, or its subject is gone. */
export function openDrawer(view: DashboardView): DrawerContent | undefined {
  const subject = view.stack.current;
  if (subject === undefined) return undefined;
  if (subject.kind === 'pool') {
    const row = view.poolRow(subject.name);
    return row === undefined ? undefined : new PoolDrawer(view, row);
  }
  const row = view.channelRow(subject.name);
  return row === undefined ? undefined : new ChannelDrawer(view, row);
}
