import type { DashboardView } from './dashboard-view.svelte.ts';
import { shown, shownRun } from './untrusted.ts';
import type { Subject } from './verdict.ts';

/** Something that was found by its name. */
export interface Match {
  readonly key: string;
  readonly title: string;
  readonly what: string;
  readonly subject: Subject;
}

const MOST = 8;

/** Finds pools, channels, and runs that hold a client or wait for one, by a part of their name. */
export function findSubjects(view: DashboardView, text: string): readonly Match[] {
  const wanted = text.trim().toLowerCase();
  const matches: Match[] = [];
  const isWanted = (name: string): boolean => name.slice(0, 2_000).toLowerCase().includes(wanted);
  for (const { name, title } of view.pools) {
    const subject = { kind: 'pool', name } as const;
    if (isWanted(name)) matches.push({ key: `pool ${name}`, title, what: 'pool', subject });
  }
  for (const { name, title } of view.channels) {
    const subject = { kind: 'channel', name } as const;
    if (isWanted(name)) matches.push({ key: `channel ${name}`, title, what: 'channel', subject });
  }
  for (const run of liveRuns(view)) {
    if (matches.length >= MOST) break;
    if (isWanted(shownRun(run.label))) matches.push(run);
  }
  return matches.slice(0, MOST);
}

function* liveRuns(view: DashboardView): Generator<Match & { readonly label: string }> {
  for (const row of view.pools) {
    const subject = { kind: 'pool', name: row.name } as const;
    for (const { name, slots, line } of row.group.members) {
      for (let slot = 0; slot < slots.length; slot += 1) {
        const label = slots.status(slot) === 'inUse' ? slots.label(slot) : undefined;
        if (label === undefined) continue;
        const what = `holds a client of ${shown(name, 40)}`;
        yield { key: `run ${name} ${slot}`, title: shownRun(label), what, subject, label };
      }
      for (const { waiter, label = '' } of line.listed) {
        const what = `waits for ${shown(name, 40)}`;
        yield { key: `waiter ${name} ${waiter}`, title: shownRun(label), what, subject, label };
      }
    }
  }
}
