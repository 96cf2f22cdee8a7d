/** What a bench or a soak answers. */
export interface Report {
  /** For people: a table, or a few lines. */
  readonly table: string;
  /** The same for programs. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The bars that were missed, each in words. Empty when all were met. */
  readonly missed: readonly string[];
}

/** What every `bench/NAME.ts` and `bench/soak/NAME.ts` exports. */
export interface BenchModule {
  readonly run: (options: { readonly check: boolean }) => Promise<Report>;
}

/** Runs the module named on the command line: the answer goes to stdout, its last line is JSON. */
export async function answer(
  load: (name: string) => Promise<BenchModule>,
  args: readonly string[],
): Promise<void> {
  const name = args.find((arg) => !arg.startsWith('-'));
  if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
    throw new TypeError('Name what to run, such as: pool [--check]');
  }
  const check = args.includes('--check');
  const { run } = await load(name);
  const { table, figures, missed } = await run({ check });
  process.stdout.write(`${table}\n`);
  process.stdout.write(`${JSON.stringify({ name, ...figures, missed })}\n`);
  for (const bar of missed) process.stderr.write(`missed: ${bar}\n`);
  if (check && missed.length > 0) process.exitCode = 1;
}
