import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { seededRandom } from '@sluice/core';
import { drawHistory } from '../../test/support/pool-history.ts';
import { simulatePool } from '../../test/support/pool-simulation.ts';
import type { Report } from '../report.ts';

const HISTORIES = 1_000_000;

/** How often a worker tells how far it is, in histories. */
const STEP = 10_000;

/** The longest history, in commands. */
const MAX_LENGTH = 80;

/** A worker's share: the seeds from `first` on. */
interface Share {
  readonly first: number;
  readonly count: number;
}

/** What a worker has lived through since it told last. */
interface Progress {
  readonly lived: number;
  readonly granted: number;
  readonly refused: number;
  readonly livedMs: number;
}

/** A million random lives of a pool beside its model, on all cores. Whatever breaks a law throws, with the seed that shows it. */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  const began = performance.now();
  const total = { lived: 0, granted: 0, refused: 0, livedMs: 0 };
  const workers = availableParallelism();
  const count = Math.ceil(HISTORIES / workers);
  const shares = Array.from({ length: workers }, (_, i) => ({ first: i * count, count }));

  await Promise.all(
    shares.map((share) =>
      liveApart(share, (progress) => {
        total.lived += progress.lived;
        total.granted += progress.granted;
        total.refused += progress.refused;
        total.livedMs += progress.livedMs;
        process.stderr.write(`${total.lived} histories\n`);
      }),
    ),
  );

  const seconds = (performance.now() - began) / 1_000;
  const livedDays = total.livedMs / 86_400_000;
  const { lived, granted, refused } = total;
  return {
    table: `${lived} histories of up to ${MAX_LENGTH} commands, ${granted} granted, ${refused} refused, ${livedDays.toFixed(0)} days of virtual time, no law broken, ${seconds.toFixed(0)} s`,
    figures: { lived, granted, refused, livedDays, seconds },
    missed: lived < HISTORIES ? [`${lived} histories, wanted ${HISTORIES}`] : [],
  };
}

/** Lives a share in a thread of its own. */
function liveApart(share: Share, onProgress: (progress: Progress) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', onProgress);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

async function live({ first, count }: Share): Promise<void> {
  for (let begin = first; begin < first + count; begin += STEP) {
    const lived = Math.min(STEP, first + count - begin);
    parentPort?.postMessage(await liveFrom(begin, lived));
  }
}

async function liveFrom(begin: number, lived: number): Promise<Progress> {
  const progress = { lived, granted: 0, refused: 0, livedMs: 0 };
  for (let seed = begin; seed < begin + lived; seed += 1) {
    const length = 1 + Math.floor(seededRandom(seed).next() * MAX_LENGTH);
    try {
      const { granted, refused, livedMs } = await simulatePool(drawHistory(seed, length));
      progress.granted += granted;
      progress.refused += refused;
      progress.livedMs += livedMs;
    } catch (error) {
      throw new Error(`The history of seed ${seed} and length ${length} breaks a law`, {
        cause: error,
      });
    }
  }
  return progress;
}

if (!isMainThread) await live(workerData as Share);
