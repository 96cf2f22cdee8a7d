// Measures one subject in a process of its own, so that no other has shaped the compiled code. Argument: the subject and
// how many observe it. Answers with one JSON line: nanoseconds of main-thread CPU time for each operation.
import { subjects, type Subject } from './subjects.ts';

const [name = '', observers = '0'] = process.argv.slice(2);
const make = subjects[name];
if (make === undefined) throw new TypeError(`No subject "${name}"`);

/** How much CPU time each figure is taken from: many times the 4 ms in which some systems count it. */
const MEASURED_MS = 250;

/** How many operations are done before the time is looked at again. */
const STEP = 50_000;
const WORKERS = 100;
const SIZE = 10;
const QUEUE = 1_000;

const results: Record<string, number> = {};
const subject = await make(SIZE, Number(observers));
await warmUp(subject);
results['uncontended'] = await cpuNs((count) => uncontended(subject, count));
results['contended'] = await cpuNs((count) => contended(subject, count));
results['queued'] = await cpuNs((count) => queued(subject, count / QUEUE));
const { tryAcquire } = subject;
if (tryAcquire !== undefined) {
  results['try'] = await cpuNs((count) => tried(subject, tryAcquire, count));
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

async function queued(lender: Subject, rounds: number): Promise<void> {
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

async function cpuNs(work: (count: number) => Promise<void> | void): Promise<number> {
  const start = process.threadCpuUsage();
  for (let count = STEP; ; count += STEP) {
    await work(STEP);
    const { user, system } = process.threadCpuUsage(start);
    if (user + system > MEASURED_MS * 1_000) return ((user + system) * 1_000) / count;
  }
}
