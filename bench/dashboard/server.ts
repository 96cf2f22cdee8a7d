import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A server of the bench's page, on loopback. */
export interface BenchServer {
  readonly url: string;
  close(): Promise<void>;
}

const element = fileURLToPath(new URL('../../packages/dashboard/dist/element/', import.meta.url));
const load = fileURLToPath(new URL('./load.js', import.meta.url));

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title>
<link rel="icon" href="data:,"><style>html,body{height:100%;margin:0}</style><body>
<script type="module" src="/load.js"></script>`;

/** Serves the built element and a page that makes events at a rate. */
export async function serveDashboardBench(): Promise<BenchServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    respond(pathname, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function respond(pathname: string, response: ServerResponse): Promise<void> {
  if (pathname === '/') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    return;
  }
  const name = pathname.slice(1);
  const file = name === 'load.js' ? load : `${element}${/^[\w-]+\.js$/.exec(name)?.[0] ?? ''}`;
  const text = await readFile(file);
  response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(text);
}
