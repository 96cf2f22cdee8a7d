// Measures one subject in a process of its own, so that no other has shaped the compiled code. Argument: the subject and
// how many observe it. Answers with one JSON line: nanoseconds of main-thread CPU time for each operation.
import { subjects, type Subject } from './subjects.ts';

const [name = '', observers = '0'] = process.argv.slice(2);
const make = subjects[name];
if (make === undefined) throw new TypeError(`No subject "${name}"`);

const UNCONTENDED = 300_000;
const CONTENDED = 200_000;
const WORKERS = 100;
const SIZE = 10;
const QUEUE = 1_000;
const QUEUE_ROUNDS = 100;

const results: Record<string, number> = {};
const subject = await make(SIZE, Number(observers));
await warmUp(subject);
results['uncontended'] = await cpuNs(UNCONTENDED, (count) => uncontended(subject, count));
results['contended'] = await cpuNs(CONTENDED, (count) => contended(subject, count));
results['queued'] = await cpuNs(QUEUE * QUEUE_ROUNDS, () => queued(subject));
const { tryAcquire } = subject;
if (tryAcquire !== undefined) {
  results['try'] = await cpuNs(UNCONTENDED * 4, async (count) => tried(subject, tryAcquire, count));
}
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0); // some subjects keep timers

async function warmUp(warmed: Subject): Promise<void> {
  await uncontended(warmed, 30_000);
  await contended(warmed, 30_000);
  await queued(warmed, 10);
  if (warmed.tryAcquire !== undefined) tried(warmed, warmed.tryAcquire, 30_000);
}

async function uncontended({ acquire, release }: Subject, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) release((await acquire()) as never);
}

async function contended(lender: Subject, count: number): Promise<void> {
  const share = count / WORKERS;
  await Promise.all(Array.from({ length: WORKERS }, () => worker(lender, share)));
}

async function worker({ acquire, release }: Subject, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const lent = await acquire();
    await Promise.resolve(); // it is used for a moment, so that others have to wait
    release(lent as never);
  }
}

async function queued(lender: Subject, rounds: number = QUEUE_ROUNDS): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(Array.from({ length: QUEUE }, () => once(lender)));
  }
}

async function once({ acquire, release }: Subject): Promise<void> {
  release((await acquire()) as never);
}

function tried({ release }: Subject, tryAcquire: () => unknown, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const lent = tryAcquire();
    if (lent === undefined) throw new Error('It has something to lend');
    release(lent as never);
  }
}

async function cpuNs(
  count: number,
  work: (count: number) => Promise<void> | void,
): Promise<number> {
  const start = process.threadCpuUsage();
  await work(count);
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1_000) / count;
}
