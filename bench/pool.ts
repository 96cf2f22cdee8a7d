import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle, gzippedBytes } from '../test/support/bundle.ts';
import { installRivals } from './pool/rivals.ts';
import type { Report } from './report.ts';

/** Nanoseconds of main-thread CPU time for each operation, or bytes. */
type Figures = Record<string, number>;

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

/** One promise: its figure, its bar, and which side of it is good. */
interface Bar {
  readonly name: string;
  readonly value: number;
  readonly bar: number;
  readonly isBound: 'at most' | 'at least';
}

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
      rounds.set(key, [...(rounds.get(key) ?? []), measure('measure.ts', runner.map(String))]);
    }
    rounds.set('limits', [...(rounds.get('limits') ?? []), measure('limits.ts', [])]);
  }
  const medians = new Map([...rounds].map(([key, figures]) => [key, mediansOf(figures)]));
  const sizes = await bundleSizes();
  const bars = barsOf(medians, sizes);
  return {
    table: `${subjectTable(medians)}\n\n${barTable(bars)}`,
    figures: {
      medians: Object.fromEntries(medians),
      sizes,
      bars: bars.map(({ name, value, bar, isBound }) => ({ name, value, [isBound]: bar })),
    },
    missed: bars.filter((bar) => !isMet(bar)).map(inWords),
  };
}

function barsOf(medians: ReadonlyMap<string, Figures>, sizes: Figures): readonly Bar[] {
  const of = (key: string, figure: string): number => medians.get(key)?.[figure] ?? Number.NaN;
  const ratio = (a: string, b: string, figure: string): number => of(a, figure) / of(b, figure);
  const atMost = (name: string, value: number, bar: number): Bar => ({
    name,
    value,
    bar,
    isBound: 'at most',
  });
  const atLeast = (name: string, value: number, bar: number): Bar => ({
    name,
    value,
    bar,
    isBound: 'at least',
  });
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

function measure(file: string, args: readonly string[]): Figures {
  const path = fileURLToPath(new URL(`pool/${file}`, import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--no-warnings', path, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

async function bundleSizes(): Promise<Figures> {
  const entry = 'packages/core/src/pool/index.ts';
  const isPackage = (specifier: string): boolean => /^@?[a-z]/.test(specifier);
  return {
    pool: gzippedBytes(await bundle({ entry, external: isPackage })),
    poolAndRxjs: gzippedBytes(await bundle({ entry })),
  };
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const medians: Figures = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const sorted = rounds.map((figures) => figures[name] ?? Number.NaN).toSorted((a, b) => a - b);
    medians[name] = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  }
  return medians;
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

function barTable(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const { name, value, isBound } = bar;
    return `| ${name} | ${value.toFixed(2)} | ${isBound} ${bar.bar} | ${isMet(bar) ? 'met' : '**missed**'} |`;
  });
  return ['| bar | measured | wanted | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function isMet({ value, bar, isBound }: Bar): boolean {
  return isBound === 'at most' ? value <= bar : value >= bar;
}

function inWords({ name, value, bar, isBound }: Bar): string {
  return `${name}: ${value.toFixed(2)}, wanted ${isBound} ${bar}`;
}

function keyOf([name, observers]: Runner): string {
  return `${name} ${observers}`;
}

function ns(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0);
}
