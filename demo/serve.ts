import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { serveGateway } from '@sluice/adapters/gateway/node';
import { createDashboardHandler } from '@sluice/dashboard/server';
import { Controls } from './controls.ts';
import { createDemoEngine } from './engine.ts';
import { LoadGenerator } from './load.ts';
import { Site } from './site.ts';

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
export async function serve({ port, load, open }: ServeOptions): Promise<number> {
  const site = await Site.read();
  await using demo = await createDemoEngine();
  const token = randomBytes(32).toString('base64url');
  const dashboard = createDashboardHandler(demo.engine, {
    auth: { token },
    basePath: '/dashboard',
  });
  const people: LoadGenerator = new LoadGenerator(() => server.url);
  const controls = new Controls({ engine: demo.engine, people });
  await using server = await serveGateway(demo.gateway, {
    port,
    before: async (request, info) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith('/dashboard')) return dashboard.handle(request, info);
      return (await controls.answer(request)) ?? site.answer(request);
    },
  });
  await using _leaving = people; // before the server closes
  await demo.engine.start();
  people.set(load);
  const link = `${server.url}/#t=${token}`;
  process.stdout.write(`${link}\n`);
  process.stderr.write('Open the link. Ctrl+C ends the demo.\n');
  if (open) openBrowser(link);
  await endRequested();
  process.stderr.write('Stopping …\n');
  dashboard.close();
  return 0;
}

/** Resolves at the first SIGINT or SIGTERM: the engine itself never listens to signals. */
async function endRequested(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

/** Opens the link where there is somebody to see it. That it does not work is no failure: the link was printed. */
function openBrowser(link: string): void {
  const hasScreen = process.platform === 'darwin' || process.env['DISPLAY'] !== undefined;
  if (!hasScreen || !process.stderr.isTTY) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [link], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
