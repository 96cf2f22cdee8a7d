// Lends out child processes: each is expensive to start, serves one caller at a time, and may break.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Pool } from '@sluice/core/pool';

const WORKER = `process.on('message', (n) => {
  if (n < 0) process.exit(1);
  let sum = 0;
  for (let i = 1; i <= n; i += 1) sum += i;
  process.send(sum);
})`;

const workers = new Pool<ChildProcess>({
  name: 'workers',
  maxSize: 2,
  create: () => fork('-', { execArgv: ['--eval', WORKER], stdio: 'ignore' }),
  destroy: async (worker) => {
    if (worker.exitCode !== null) return;
    const exited = once(worker, 'exit');
    worker.kill();
    await exited;
  },
  isBroken: () => true, // whatever goes wrong with a process, another one takes its place
});

async function sumTo(n: number): Promise<number> {
  return workers.use(async (worker) => {
    const ended = new AbortController();
    const answer = once(worker, 'message', ended).then(([sum]: unknown[]) => sum as number);
    const death = once(worker, 'exit', ended).then(() => {
      throw new Error('The worker died');
    });
    worker.send(n);
    try {
      return await Promise.race([answer, death]);
    } finally {
      ended.abort();
      await Promise.allSettled([answer, death]);
    }
  });
}

const sums = await Promise.all([10, 100, 1_000, 10_000, 100_000].map(sumTo));
assert.deepEqual(sums, [55, 5_050, 500_500, 50_005_000, 5_000_050_000]);
assert.ok(workers.stats().totalCreated <= 2, 'five sums, two processes');

await assert.rejects(sumTo(-1), /died/);
assert.equal(await sumTo(4), 10); // a new process took the place of the dead one

await workers.close();
assert.equal(workers.stats().size, 0);
console.log('Five sums by two processes; one died and was replaced.');
