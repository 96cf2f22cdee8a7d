import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The demo, running as its user runs it: a process of its own, from what was built. */
export interface DemoProcess extends AsyncDisposable {
  /** The link that it printed, token and all. */
  readonly link: string;
  readonly token: string;
  readonly port: number;
  /** Ends it as a crash would, and resolves once it is gone. */
  kill(): Promise<void>;
}

/** How to start a demo. */
export interface DemoProcessOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Conversations at once. Default 0. */
  readonly load?: number;
}

const MAIN = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));

/** Starts the demo and waits for its link. @throws {Error} with what it said, when it ends before it printed one. */
export async function startDemo({
  port = 0,
  load = 0,
}: DemoProcessOptions = {}): Promise<DemoProcess> {
  const args = [MAIN, '--no-open', '--port', String(port), '--load', String(load)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const link = await firstLine(child);
  const { port: bound, hash } = new URL(link);
  return {
    link,
    token: new URLSearchParams(hash.slice(1)).get('t') ?? '',
    port: Number(bound),
    kill: () => end(child, 'SIGKILL'),
    [Symbol.asyncDispose]: () => end(child, 'SIGTERM'),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      complaint += bytes.toString();
    });
    child.stdout?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const [line, rest] = said.split('\n', 2);
      if (rest !== undefined) resolve(line ?? '');
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The demo ended with ${code}: ${complaint}`)));
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
