import { atMost, type Bar, barFigures, barTable, missedBars } from './bars.ts';
import type { Report } from './report.ts';
import { type Figures, measure, mediansOf } from './rounds.ts';

/** A subject and how many observe it. */
type Runner = readonly [name: string, observers: number];

const ROUNDS = 5;

const runners: readonly Runner[] = [
  ['bare', 0],
  ['rxjs', 0],
  ['sluice', 0],
  ['sluice', 1],
];

/**
 * Measures the way of a message through intake, scheduler and outbox with a handler that only answers, beside a map of
 * promise chains and beside RxJS, which keep order and nothing else: no bounds, no memory of what was seen, no restarts.
 * Each subject in a process of its own, in turns, the median of 5.
 */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  const rounds = new Map<string, Figures[]>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    for (const runner of runners) {
      const key = keyOf(runner);
      const figures = measure('channel/measure.ts', runner.map(String));
      rounds.set(key, [...(rounds.get(key) ?? []), figures]);
    }
  }
  const medians = new Map([...rounds].map(([key, figures]) => [key, mediansOf(figures)]));
  const bars = barsOf(medians);
  return {
    table: `${subjectTable(medians)}\n\n${barTable(bars)}`,
    figures: { medians: Object.fromEntries(medians), bars: barFigures(bars) },
    missed: missedBars(bars),
  };
}

function barsOf(medians: ReadonlyMap<string, Figures>): readonly Bar[] {
  const of = (key: string, figure: string): number => medians.get(key)?.[figure] ?? Number.NaN;
  const ratio = (key: string, figure: string): number => of(key, figure) / of('bare 0', figure);
  return [
    atMost('one namespace, of a promise chain', ratio('sluice 0', 'oneNs'), 40),
    atMost('1,000 namespaces, of promise chains', ratio('sluice 0', 'manyNs'), 30),
    atMost('an observer, of none', of('sluice 1', 'manyNs') / of('sluice 0', 'manyNs'), 2.5),
    // One entry of a map alone is more than 16 bytes: this is no record at all.
    atMost('bytes an idle namespace, of 100,000', of('sluice 0', 'idleBytes'), 8),
  ];
}

function subjectTable(medians: ReadonlyMap<string, Figures>): string {
  const rows = runners.map((runner) => {
    const { oneNs, manyNs, idleBytes } = medians.get(keyOf(runner)) ?? {};
    const [name, observers] = runner;
    const cells = [name, observers, perSecond(oneNs), perSecond(manyNs), bytes(idleBytes)];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| messages/s of one core | observers | one namespace | 1,000 namespaces | bytes an idle namespace |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function keyOf([name, observers]: Runner): string {
  return `${name} ${observers}`;
}

function perSecond(ns: number | undefined): string {
  return ns === undefined ? '–' : Math.round(1e9 / ns).toLocaleString('en');
}

function bytes(count: number | undefined): string {
  return count === undefined ? '–' : Math.abs(count).toFixed(0);
}
