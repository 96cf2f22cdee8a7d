import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle, gzippedBytes } from '../test/support/bundle.ts';
import { installRivals } from './llm/rivals.ts';
import { FAMILIES } from './llm/streams.ts';
import { subjectsOf } from './llm/subjects.ts';
import type { Report } from './report.ts';

type Figures = Record<string, number>;

/** One promise: its figure and its bar. */
interface Bar {
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
}

const ROUNDS = 3;

/**
 * Measures each family on a stream of 50,000 events from memory beside other clients: each in a process of its own, in
 * turns with the yardstick, the median of 3. Ratios are of one process; the absolute figures stand beside them for
 * information.
 */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  installRivals();
  const streams = mediansOf(rounds('streams', measureStreams));
  const limits = leastOf(rounds('limits', () => measure('limits.ts', [])));
  const sizes = await bundleSizes();
  const bars = barsOf(streams, limits, sizes);
  return {
    table: `${streamTable(streams)}\n\n${barTable(bars)}`,
    figures: { streams, limits, sizes, bars },
    missed: bars.filter((bar) => !isMet(bar)).map(inWords),
  };
}

function rounds(what: string, once: () => Figures): readonly Figures[] {
  return Array.from({ length: ROUNDS }, (_, at) => {
    process.stderr.write(`${what}, round ${at + 1} of ${ROUNDS}\n`);
    return once();
  });
}

/** How many times what the yardstick takes each subject does, and what that takes beside Sluice, in nanoseconds. */
function measureStreams(): Figures {
  const figures: Figures = {};
  for (const family of FAMILIES) {
    for (const subject of subjectsOf(family)) {
      const { ns = Number.NaN, bareNs = Number.NaN } = measure('measure.ts', [family, subject]);
      figures[`${family} ${subject}`] = ns / bareNs;
      if (subject === 'sluice') figures[`${family} bareNs`] = bareNs;
    }
  }
  return figures;
}

function measure(file: string, args: readonly string[]): Figures {
  const path = fileURLToPath(new URL(`llm/${file}`, import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--no-warnings', path, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

async function bundleSizes(): Promise<Figures> {
  const sizes: Figures = {};
  for (const entry of ['pool', 'openai', 'anthropic', 'gemini', 'ollama', 'all']) {
    const code = await bundle({ entry: `bench/llm/entries/${entry}.ts`, external: isRxjs });
    sizes[entry] = gzippedBytes(code);
  }
  return sizes;
}

function isRxjs(specifier: string): boolean {
  return /^rxjs(?:\/|$)/.test(specifier);
}

function barsOf(streams: Figures, limits: Figures, sizes: Figures): readonly Bar[] {
  const of = (figures: Figures, name: string): number => figures[name] ?? Number.NaN;
  const atMost = (name: string, value: number, bar: number): Bar => ({ name, value, atMost: bar });
  return [
    ...FAMILIES.map((family) => {
      const ratio = of(streams, `${family} sluice`);
      return atMost(`50,000 events of ${family}, of bare`, ratio, 1.6);
    }),
    atMost(
      'first delta, ms over bare fetch',
      of(limits, 'sluiceFirstMs') - of(limits, 'bareFirstMs'),
      0.5,
    ),
    atMost('256 KiB of arguments, Chat Completions, ms', of(limits, 'chat256Ms'), 100),
    atMost('256 KiB of arguments, Responses, ms', of(limits, 'responses256Ms'), 100),
    atMost('256 KiB of arguments, Anthropic, ms', of(limits, 'anthropic256Ms'), 100),
    atMost(
      '512 KiB of arguments, of 256 KiB',
      of(limits, 'chat512Ms') / of(limits, 'chat256Ms'),
      2.5,
    ),
    atMost('abort listeners left after 10,000 calls', of(limits, 'listeners'), 0),
    ...['openai', 'anthropic', 'gemini', 'ollama'].map((family) =>
      atMost(`gzip of ${family} and ClientPool, kB`, of(sizes, family) / 1_000, 18),
    ),
    atMost('gzip of all five families, kB', of(sizes, 'all') / 1_000, 30),
  ];
}

function mediansOf(all: readonly Figures[]): Figures {
  return merged(all, (values) => values.toSorted((a, b) => a - b)[values.length >> 1]);
}

/** The least of each figure: what other work on the machine adds to one is never less than nothing. */
function leastOf(all: readonly Figures[]): Figures {
  return merged(all, (values) => Math.min(...values));
}

function merged(
  all: readonly Figures[],
  merge: (values: readonly number[]) => number | undefined,
): Figures {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = all.map((figures) => figures[name] ?? Number.NaN);
      return [name, merge(values) ?? Number.NaN];
    }),
  );
}

function streamTable(streams: Figures): string {
  const names = subjectsOf('openai');
  const head = `| times bare | ${names.join(' | ')} | bare, ns an event |`;
  const line = `|${' --- |'.repeat(names.length + 2)}`;
  const rows = FAMILIES.map((family) => {
    const cells = names.map((name) => streams[`${family} ${name}`]?.toFixed(2) ?? '–');
    const bareNs = Math.round(streams[`${family} bareNs`] ?? Number.NaN);
    return `| ${family} | ${cells.join(' | ')} | ${bareNs} |`;
  });
  return [head, line, ...rows].join('\n');
}

function barTable(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const { name, value, atMost } = bar;
    return `| ${name} | ${shown(value)} | ${atMost} | ${isMet(bar) ? 'met' : 'missed'} |`;
  });
  return ['| promise | figure | at most | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function isMet({ value, atMost }: Bar): boolean {
  return value <= atMost; // what was not measured is not met
}

function inWords({ name, value, atMost }: Bar): string {
  return `${name}: ${shown(value)}, at most ${atMost}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
