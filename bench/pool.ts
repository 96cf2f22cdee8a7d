import { bundle, gzippedBytes } from '../test/support/bundle.ts';
import { atLeast, atMost, type Bar, barFigures, barTable, missedBars } from './bars.ts';
import { installRivals } from './pool/rivals.ts';
import type { Report } from './report.ts';
import { type Figures, measure, mediansOf } from './rounds.ts';

/** A subject and how many observe it. */
type Runner = readonly [name: string, observers: number];

const ROUNDS = 5;

const runners: readonly Runner[] = [
  ['bare', 0],
  ['sluice', 0],
  ['sluice', 1],
  ['sluice', 3],
  ['generic-pool', 0],
  ['tarn', 0],
  ['lightning-pool', 1],
  ['pg-pool', 0],
  ['async-sema', 0],
  ['cockatiel', 0],
];

/**
 * Measures checkouts beside other pools, each subject in a process of its own, in turns, and takes the median of 5. Ratios
 * are of one run; the absolute figures stand beside them for information.
 */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  installRivals();
  const rounds = new Map<string, Figures[]>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    for (const runner of runners) {
      const key = keyOf(runner);
      rounds.set(key, [...(rounds.get(key) ?? []), measure('pool/measure.ts', runner.map(String))]);
    }
    rounds.set('limits', [...(rounds.get('limits') ?? []), measure('pool/limits.ts', [])]);
  }
  const medians = new Map([...rounds].map(([key, figures]) => [key, mediansOf(figures)]));
  const sizes = await bundleSizes();
  const bars = barsOf(medians, sizes);
  return {
    table: `${subjectTable(medians)}\n\n${barTable(bars)}`,
    figures: {
      medians: Object.fromEntries(medians),
      sizes,
      bars: barFigures(bars),
    },
    missed: missedBars(bars),
  };
}

function barsOf(medians: ReadonlyMap<string, Figures>, sizes: Figures): readonly Bar[] {
  const of = (key: string, figure: string): number => medians.get(key)?.[figure] ?? Number.NaN;
  const ratio = (a: string, b: string, figure: string): number => of(a, figure) / of(b, figure);
  return [
    atMost(
      'await acquire + release, unobserved, of bare',
      ratio('sluice 0', 'bare 0', 'uncontended'),
      1.3,
    ),
    atMost('the same with 1 observer', ratio('sluice 1', 'bare 0', 'uncontended'), 1.5),
    atMost('the same with 3 observers', ratio('sluice 3', 'bare 0', 'uncontended'), 1.8),
    atLeast(
      'times as fast as lightning-pool, 1 observer each',
      ratio('lightning-pool 1', 'sluice 1', 'uncontended'),
      2.5,
    ),
    atLeast('the same, 100 workers', ratio('lightning-pool 1', 'sluice 1', 'contended'), 2.5),
    atLeast(
      'times as fast as async-sema, queueing 1,000, 1 observer',
      ratio('async-sema 0', 'sluice 1', 'queued'),
      1,
    ),
    atLeast(
      'tryAcquire + release, times as fast as async-sema',
      ratio('async-sema 0', 'sluice 0', 'try'),
      1,
    ),
    atLeast(
      'uncontended, unobserved, times as fast as async-sema',
      ratio('async-sema 0', 'sluice 0', 'uncontended'),
      0.8,
    ),
    atMost(
      'cancel one of 100,000, of one of 10,000',
      of('limits', 'cancelManyNs') / of('limits', 'cancelFewNs'),
      2,
    ),
    atMost('time out one of 100,000, µs', of('limits', 'timeoutNs') / 1_000, 8),
    atMost('bytes a waiter', of('limits', 'waiterBytes'), 400),
    atMost('gzip, kB', (sizes['pool'] ?? 0) / 1_000, 6),
    atMost('gzip with rxjs, kB', (sizes['poolAndRxjs'] ?? 0) / 1_000, 10),
  ];
}

async function bundleSizes(): Promise<Figures> {
  const entry = 'packages/core/src/pool/index.ts';
  const isPackage = (specifier: string): boolean => /^@?[a-z]/.test(specifier);
  return {
    pool: gzippedBytes(await bundle({ entry, external: isPackage })),
    poolAndRxjs: gzippedBytes(await bundle({ entry })),
  };
}

function subjectTable(medians: ReadonlyMap<string, Figures>): string {
  const rows = runners.map((runner) => {
    const { uncontended, contended, queued, try: tried } = medians.get(keyOf(runner)) ?? {};
    const [name, observers] = runner;
    return `| ${name} | ${observers} | ${ns(uncontended)} | ${ns(contended)} | ${ns(queued)} | ${ns(tried)} |`;
  });
  return [
    '| ns of CPU time | observers | await acquire + release | 100 workers on 10 | queueing 1,000 on 10 | tryAcquire + release |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function keyOf([name, observers]: Runner): string {
  return `${name} ${observers}`;
}

function ns(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0);
}
