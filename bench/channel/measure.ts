// Measures one subject in a process of its own. Argument: the subject and how many observe it. Answers with one JSON line.
import { messages, type Subject, subjects } from './subjects.ts';

const [name = '', observers = '0'] = process.argv.slice(2);
const make = subjects[name];
if (make === undefined) throw new TypeError(`No subject "${name}"`);

const WARM_UP = 20_000;
const COUNT = 100_000;
const NAMESPACES = 100_000;

const subject = await make(Number(observers));
let made = 0;
await answer(subject, WARM_UP, 1);
await answer(subject, WARM_UP, 1_000);
const results = {
  oneNs: await cpuNs(1),
  manyNs: await cpuNs(1_000),
  idleBytes: await idleBytes(),
};
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);

async function answer(answering: Subject, count: number, keys: number): Promise<void> {
  const from = made;
  made += count;
  await answering.answerAll(messages(from, made, keys));
}

async function cpuNs(keys: number): Promise<number> {
  const start = process.threadCpuUsage();
  await answer(subject, COUNT, keys);
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1_000) / COUNT;
}

/** What stays of a namespace in which nothing waits or runs any more, in bytes. */
async function idleBytes(): Promise<number> {
  const fresh = await subjects[name]!(Number(observers));
  await answer(fresh, WARM_UP, 1); // fills whatever has a bound
  const before = await heapAfterGc();
  await answer(fresh, NAMESPACES, NAMESPACES);
  return ((await heapAfterGc()) - before) / NAMESPACES;
}

async function heapAfterGc(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('Needs --expose-gc');
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
