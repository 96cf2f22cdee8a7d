import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Lets the collector run until `isDone` or for a fifth of a second: when it calls back is up to the runtime. */
export async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20 && !isDone(); turn += 1) {
    await later(0); // what a WeakRef was asked for stays until the turn has ended
    collectGarbage();
    await later(10);
  }
}

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
