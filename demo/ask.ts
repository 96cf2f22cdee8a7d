import { ClientPool, isSluiceError, type Usage } from '@sluice/core';
import { chooseProvider } from './ask-provider.ts';

/** One question, and how long to wait for its answer. */
export interface AskOptions {
  readonly question: string;
  readonly env: NodeJS.ProcessEnv;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

/** What the last line of the output tells, as JSON. Times in milliseconds. */
export interface AskReport {
  readonly runId: string;
  readonly provider: string;
  readonly model: string;
  /** How long the call waited for a client. */
  readonly waitMs: number;
  /** From the start to the first piece of text. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly usage: Usage;
}

/** Streams the answer of one question to stdout through a pooled client. Resolves with the exit code. */
export async function ask(options: AskOptions): Promise<number> {
  try {
    const report = await askThroughPool(options);
    process.stdout.write(`\n${JSON.stringify(report)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    return 1;
  }
}

async function askThroughPool({
  question,
  env,
  firstByteMs,
  idleMs,
}: AskOptions): Promise<AskReport> {
  await using asked = await chooseProvider(env);
  await using clients = new ClientPool({
    providers: { [asked.name]: { provider: asked.provider, minIdle: 0 } },
    timeouts: { firstByteMs, idleMs },
  });
  const seen = { runId: '', model: '', waitMs: 0 };
  const watching = clients.events$.subscribe((event) => {
    if (event.type === 'lease.acquired') seen.waitMs = event.waitMs;
    if (event.type === 'call.started') seen.runId = event.runId;
  });
  process.stderr.write(`Asking ${asked.name} …\n`);
  const startedAt = performance.now();
  let firstTokenMs: number | undefined;
  let usage: Usage | undefined;
  for await (const chunk of clients.stream({ messages: [{ role: 'user', content: question }] })) {
    if (chunk.type === 'start' && chunk.model !== undefined) seen.model = chunk.model;
    if (chunk.type === 'text') {
      firstTokenMs ??= performance.now() - startedAt;
      process.stdout.write(chunk.delta);
    }
    if (chunk.type === 'done') usage = chunk.usage;
  }
  watching.unsubscribe();
  const totalMs = performance.now() - startedAt;
  if (usage === undefined) throw new Error('The stream ended without its last element');
  return {
    runId: seen.runId,
    provider: asked.name,
    model: seen.model,
    waitMs: rounded(seen.waitMs),
    firstTokenMs: rounded(firstTokenMs ?? totalMs),
    totalMs: rounded(totalMs),
    usage,
  };
}

function explain(error: unknown): string {
  if (isSluiceError(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
