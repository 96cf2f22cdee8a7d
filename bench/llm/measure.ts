// Measures one subject on one family's stream in a process of its own, so that no other has shaped the compiled code.
// Arguments: the family and the subject. Answers with one JSON line: nanoseconds of main-thread CPU time for each event.
import { FAMILIES, inMemory, manyPieces } from './streams.ts';
import { subjects } from './subjects.ts';

const EVENTS = 50_000;

/** How much CPU time a figure is taken from, and how many answers at least. */
const MEASURED_MS = 500;
const MIN_RUNS = 2;

const [familyName = '', name = ''] = process.argv.slice(2);
const family = FAMILIES.find((known) => known === familyName);
const make = subjects[name];
if (family === undefined || make === undefined) throw new TypeError(`No ${name} of ${familyName}`);

const pieces = manyPieces(EVENTS);
const expected = pieces.join('').length;
const { fetch } = inMemory(family, { text: pieces });
const subject = await make(family);
await readOnce(); // 50,000 events are enough for the compiler

const start = process.threadCpuUsage();
let runs = 0;
let usedUs = 0;
while (runs < MIN_RUNS || usedUs < MEASURED_MS * 1_000) {
  await readOnce();
  runs += 1;
  const { user, system } = process.threadCpuUsage(start);
  usedUs = user + system;
}
process.stdout.write(`${JSON.stringify({ nsPerEvent: (usedUs * 1_000) / (runs * EVENTS) })}\n`);
process.exit(0);

async function readOnce(): Promise<void> {
  const length = await subject(fetch);
  if (length !== expected) throw new Error(`${name} read ${length} of ${expected} characters`);
}
