import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DECODED_FAMILIES, type DecodedFamily } from '../../test/support/decoded-families.ts';
import { fuzz } from '../../test/support/mutated-stream.ts';
import type { Report } from '../report.ts';

const STREAMS = 1_000_000;
const BATCH = 10_000;

/** What came of one decoder's streams. */
interface Fuzzed {
  readonly name: string;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The slowest batch, in milliseconds a stream. */
  readonly slowestMs: number;
  /** The heap at the end beyond that after the first batch, in bytes. */
  readonly grownBytes: number;
}

/** A million mutated streams a decoder: each is decoded or refused; none crashes, hangs or leaves anything behind. */
export function run(_options: { readonly check: boolean }): Promise<Report> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const all = DECODED_FAMILIES.map((family) => soak(family, heap));
  return Promise.resolve({
    table: all.map(lineOf).join('\n'),
    figures: { streams: STREAMS, decoders: all },
    missed: all.flatMap(missedBy),
  });
}

function soak(family: DecodedFamily, heap: () => number): Fuzzed {
  const outcomes: Record<string, number> = {};
  const began = performance.now();
  let slowest = 0;
  let firstBytes = 0;
  for (let from = 0; from < STREAMS; from += BATCH) {
    const batchBegan = performance.now();
    for (const [outcome, count] of fuzz({ ...family, from, count: BATCH })) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    }
    slowest = Math.max(slowest, performance.now() - batchBegan);
    if (from === 0) firstBytes = heap();
  }
  const seconds = (performance.now() - began) / 1_000;
  process.stderr.write(`${family.name}: ${seconds.toFixed(0)} s\n`);
  const slowestMs = slowest / BATCH;
  return { name: family.name, outcomes, seconds, slowestMs, grownBytes: heap() - firstBytes };
}

function lineOf({ name, outcomes, seconds, slowestMs, grownBytes }: Fuzzed): string {
  const counts = Object.entries(outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
  const grownKb = (grownBytes / 1_000).toFixed(0);
  return `${name}: ${counts}; ${seconds.toFixed(0)} s, slowest batch ${slowestMs.toFixed(3)} ms a stream, heap grown by ${grownKb} kB`;
}

function missedBy({ name, outcomes, grownBytes }: Fuzzed): readonly string[] {
  const neither = Object.keys(outcomes).filter((outcome) => outcome.startsWith('neither'));
  return [
    ...neither.map((outcome) => `${name}: ${outcome}`),
    ...(grownBytes < 5_000_000 ? [] : [`${name}: the heap grew by ${grownBytes} bytes`]),
  ];
}
