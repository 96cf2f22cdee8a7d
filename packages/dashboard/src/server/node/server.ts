import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDashboardHandler, type DashboardHandler } from '../handler.ts';
import type { WatchedEngine } from '../options.ts';
import { randomId } from '../sessions.ts';
import { sendResponse, toRequest } from './web.ts';

/** How a dashboard is served over `node:http`. */
export interface ServeDashboardOptions {
  /** The address to bind. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** The port; 0 takes a free one. Default 0. */
  readonly port?: number | undefined;
  /** The key to the dashboard, of at least 32 characters. Default: one of 256 random bits. */
  readonly token?: string | undefined;
  /** Whether an address that other machines reach may be bound; needs a token of your own. Default false. */
  readonly allowRemote?: boolean | undefined;
  /** Hosts that may be asked for beside the loopback ones. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Where the link is told, once. Default: standard error. */
  readonly print?: ((line: string) => void) | undefined;
}

/** A dashboard that listens. */
export interface DashboardServer extends AsyncDisposable {
  /** Where it is, such as `http://127.0.0.1:4318/`. */
  readonly url: string;
  /** The link that opens it, token included: as secret as the token. */
  readonly link: string;
  readonly port: number;
  /** Ends every stream and stops listening. */
  close(): Promise<void>;
}

// Node's own defaults are laxer (16 KiB of headers, 60 s, 300 s, no limit of connections): each is set on purpose.
const MAX_HEADER_BYTES = 8_192;
const MAX_HEADERS = 64;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
/** Node looks for connections past their time every 30 s on its own: a limit of 10 s would be one of 40 s. */
const CHECK_INTERVAL_MS = 1_000;
const MAX_CONNECTIONS = 256;

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/**
 * Serves the dashboard of an engine on this machine, and prints its link once.
 *
 * @throws {TypeError} when `token` is shorter than 32 characters.
 * @throws {TypeError} when `host` is reachable from other machines, unless `token` and `allowRemote` are both given.
 * @throws the listen error, such as `EADDRINUSE`.
 */
export async function serveDashboard(
  engine: WatchedEngine,
  options: ServeDashboardOptions = {},
): Promise<DashboardServer> {
  const host = options.host ?? '127.0.0.1';
  if (!LOOPBACK.includes(host) && (options.token === undefined || options.allowRemote !== true)) {
    throw new TypeError(`Binding ${host} lets other machines in: give a token and set allowRemote`);
  }
  const token = options.token ?? randomId();
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
  });
  limit(server);
  const port = await listen(server, host, options.port ?? 0);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const allowedHosts = [...(options.allowedHosts ?? []), authority];
  const handler = mount(server, () =>
    createDashboardHandler(withProcess(engine), { auth: { token }, allowedHosts }),
  );
  const url = `http://${authority}/`;
  const link = `${url}#t=${encodeURIComponent(token)}`;
  announce(options, [`Dashboard: ${link}`, ...warnings(host)]);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shut(server, handler));
  return { url, link, port, close, [Symbol.asyncDispose]: close };
}

/** Tells which process is watched, where the engine itself does not. */
function withProcess(engine: WatchedEngine): WatchedEngine {
  const { pid, version } = process;
  const history = engine.history?.bind(engine);
  return {
    events$: engine.events$,
    snapshot: () => ({ process: { pid, runtime: 'node', version }, ...engine.snapshot() }),
    ...(history !== undefined && { history }),
  };
}

/** @throws what making the handler throws; the server does not listen then. */
function mount(server: Server, make: () => DashboardHandler): DashboardHandler {
  try {
    const handler = make();
    server.on('request', (message, response) => void answer(message, response, handler));
    server.on('upgrade', (_message, stream) => stream.destroy());
    return handler;
  } catch (error) {
    server.close();
    throw error;
  }
}

function announce(options: ServeDashboardOptions, lines: readonly string[]): void {
  const print = options.print ?? ((line) => void process.stderr.write(`${line}\n`));
  for (const line of lines) print(line);
}

function warnings(host: string): readonly string[] {
  return LOOPBACK.includes(host) ? [] : [`Other machines can reach the dashboard at ${host}`];
}

function limit(server: Server): void {
  server.maxHeadersCount = MAX_HEADERS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
}

/** Never rejects: what goes wrong ends the connection. */
async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  handler: DashboardHandler,
): Promise<void> {
  try {
    const request = toRequest(message);
    if (request === undefined) {
      response.writeHead(400, { connection: 'close' }).end(); // not a word to whom we do not know
      return;
    }
    const { remoteAddress, localPort } = message.socket;
    await sendResponse(await handler.handle(request, { remoteAddress, port: localPort }), response);
  } catch {
    response.destroy();
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // a TCP server that listens has one
    });
  });
}

function shut(server: Server, handler: DashboardHandler): Promise<void> {
  handler.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
