import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What one process measured: nanoseconds of main-thread CPU time for each operation, or bytes. */
export type Figures = Record<string, number>;

/** Runs a file of this folder in a process of its own, so that nothing else has shaped the compiled code. */
export function measure(file: string, args: readonly string[]): Figures {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--no-warnings', path, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

/** The median of each figure over all rounds. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const medians: Figures = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const sorted = rounds.map((figures) => figures[name] ?? Number.NaN).toSorted((a, b) => a - b);
    medians[name] = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  }
  return medians;
}
