import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { soakPool } from '../../test/support/pool-soak.ts';
import type { Report } from '../report.ts';

const CHECKOUTS = 1_000_000;
const SAMPLES = 20;

/** A million checkouts with faults of all kinds, over a day of virtual time. Whatever is lost or lent twice throws. */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const samples: { readonly asked: number; readonly bytes: number }[] = [];
  const sample = (asked: number): void => {
    collectGarbage();
    const bytes = process.memoryUsage().heapUsed;
    samples.push({ asked, bytes });
    process.stderr.write(`${asked} checkouts, heap ${(bytes / 1e6).toFixed(2)} MB\n`);
  };
  const began = performance.now();

  const result = await soakPool({
    checkouts: CHECKOUTS,
    seed: 20_261_121,
    sampleEvery: CHECKOUTS / SAMPLES,
    onSample: sample,
  });

  const slope = slopeOf(samples.slice(1)); // the first has not seen all code compiled
  const seconds = (performance.now() - began) / 1_000;
  const { asked, granted, refused, created, closed, cutOff, thrown, livedHours } = result;
  const lines = [
    `${asked} acquires, ${granted} granted, ${refused} refused, ${created} resources, ${livedHours.toFixed(1)} h of virtual time`,
    `${closed} pools closed in the middle, ${cutOff} callers cut off, ${thrown} throws of an observer`,
    `0 lost, 0 lent twice, every wait ended once, all counts 0 at the end`,
    `heap slope ${slope.toFixed(3)} bytes a checkout, ${seconds.toFixed(0)} s`,
  ];
  return {
    table: lines.join('\n'),
    figures: { ...result, slope, seconds },
    missed: [
      ...(slope < 1 ? [] : [`heap slope: ${slope.toFixed(3)} bytes a checkout, wanted under 1`]),
      ...(livedHours >= 24 ? [] : [`virtual time: ${livedHours.toFixed(1)} h, wanted 24`]),
    ],
  };
}

/** The slope of the line through the samples, by least squares. */
function slopeOf(samples: readonly { readonly asked: number; readonly bytes: number }[]): number {
  const meanX = mean(samples.map(({ asked }) => asked));
  const meanY = mean(samples.map(({ bytes }) => bytes));
  let above = 0;
  let below = 0;
  for (const { asked, bytes } of samples) {
    above += (asked - meanX) * (bytes - meanY);
    below += (asked - meanX) ** 2;
  }
  return above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
