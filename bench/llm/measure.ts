// Measures one subject on one family's stream, in turns with the yardstick, so that whatever else the machine does slows
// both. A process of its own for each, so that no other subject has shaped the compiled code. Arguments: the family and
// the subject. Answers with one JSON line: nanoseconds of main-thread CPU time for each event, of both.
import { readBare } from './bare.ts';
import { FAMILIES, inMemory, manyPieces } from './streams.ts';
import { subjects } from './subjects.ts';

const EVENTS = 50_000;

/** How much CPU time a figure is taken from, and how many answers at least. */
const MEASURED_US = 500_000;
const MIN_RUNS = 3;

const [familyName = '', name = ''] = process.argv.slice(2);
const family = FAMILIES.find((known) => known === familyName);
const make = subjects[name];
if (family === undefined || make === undefined) throw new TypeError(`No ${name} of ${familyName}`);

const pieces = manyPieces(EVENTS);
const expected = pieces.join('').length;
const { fetch } = inMemory(family, { text: pieces });
const subject = await make(family);
const readers = { bare: () => readBare(family, fetch), subject: () => subject(fetch) };

await cpuUs(readers.bare); // 50,000 events are enough for the compiler
await cpuUs(readers.subject);
const spentUs = { bare: 0, subject: 0 };
let runs = 0;
while (runs < MIN_RUNS || spentUs.subject < MEASURED_US) {
  spentUs.bare += await cpuUs(readers.bare);
  spentUs.subject += await cpuUs(readers.subject);
  runs += 1;
}
const nsPerEvent = (us: number): number => (us * 1_000) / (runs * EVENTS);
const figures = { bareNs: nsPerEvent(spentUs.bare), ns: nsPerEvent(spentUs.subject) };
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

async function cpuUs(read: () => Promise<number>): Promise<number> {
  const start = process.threadCpuUsage();
  const length = await read();
  const { user, system } = process.threadCpuUsage(start);
  if (length !== expected) throw new Error(`${name} read ${length} of ${expected} characters`);
  return user + system;
}
