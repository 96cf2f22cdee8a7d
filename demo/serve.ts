import { once } from 'node:events';
import { serveGateway } from '@sluice/adapters/gateway/node';
import { createDemoEngine } from './engine.ts';
import { LoadGenerator } from './load.ts';

/** How the demo is served. */
export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Conversations at once to start with. */
  readonly load: number;
  /** Whether a browser is opened. */
  readonly open: boolean;
}

/** Runs the engine, its gateway and the demo page until the process is told to end. Resolves with the exit code. */
export async function serve({ port, load }: ServeOptions): Promise<number> {
  await using demo = await createDemoEngine();
  await demo.engine.start();
  await using server = await serveGateway(demo.gateway, { port });
  await using people = new LoadGenerator(server.url);
  people.set(load);
  process.stdout.write(`${server.url}\n`);
  await endRequested();
  process.stderr.write('Stopping …\n');
  return 0;
}

/** Resolves at the first SIGINT or SIGTERM: the engine itself never listens to signals. */
async function endRequested(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
