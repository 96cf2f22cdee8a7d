// Measures what only Sluice's pool is asked for: cancelling and timing out many waiters, and what one waiter weighs.
// Run with --expose-gc. Answers with one JSON line.
import { Pool } from '@sluice/core/pool';
import { seededRandom } from '@sluice/core';

const FEW = 10_000;
const MANY = 100_000;

interface Item {
  readonly id: number;
}

const results = {
  cancelFewNs: Math.min(await cancelNs(FEW), await cancelNs(FEW), await cancelNs(FEW)),
  cancelManyNs: Math.min(await cancelNs(MANY), await cancelNs(MANY)),
  timeoutNs: Math.min(await timeoutNs(MANY), await timeoutNs(MANY)),
  waiterBytes: await waiterBytes(MANY),
};
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);

/** A pool of one whose one resource is lent. */
async function fullPool(): Promise<Pool<Item>> {
  const pool = new Pool<Item>({ create: () => ({ id: 1 }), maxSize: 1, maxWaiters: MANY * 2 });
  await pool.acquire();
  return pool;
}

async function cancelNs(count: number): Promise<number> {
  const pool = await fullPool();
  const random = seededRandom(count);
  const controllers = Array.from({ length: count }, () => new AbortController());
  const settled = Promise.allSettled(
    controllers.map(({ signal }) => pool.acquire({ signal, timeoutMs: 600_000 })),
  );
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1));
    [controllers[i], controllers[j]] = [controllers[j]!, controllers[i]!];
  }
  const start = process.threadCpuUsage();
  for (const controller of controllers) controller.abort();
  await settled;
  return perOne(start, count);
}

async function timeoutNs(count: number): Promise<number> {
  const pool = await fullPool();
  const timeoutMs = 1_000; // longer than it takes to put them all in line
  const waits = Array.from({ length: count }, () => pool.acquire({ timeoutMs }));
  const begun = process.threadCpuUsage();
  await Promise.allSettled(waits);
  return perOne(begun, count);
}

async function waiterBytes(count: number): Promise<number> {
  const pool = await fullPool();
  const waits: Promise<unknown>[] = Array.from({ length: count });
  const before = heapAfterGc();
  for (let i = 0; i < count; i += 1) waits[i] = pool.acquire();
  const after = heapAfterGc();
  for (const wait of waits) wait.catch(() => {});
  await pool.close();
  return (after - before) / count;
}

function heapAfterGc(): number {
  if (globalThis.gc === undefined) throw new Error('Needs --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function perOne(start: NodeJS.CpuUsage, count: number): number {
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1_000) / count;
}
