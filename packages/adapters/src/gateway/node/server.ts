import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Gateway } from '../gateway.ts';
import type { ConnectionInfo } from '../guard.ts';
import { refusalResponse } from '../refusal.ts';
import { isLoopback, SERVER_LIMITS, type ServeGatewayOptions } from './options.ts';
import { NodeSockets } from './sockets.ts';
import { sendWebResponse, toWebRequest } from './web-request.ts';

/** A gateway that listens. */
export interface GatewayServer extends AsyncDisposable {
  /** Where it is reached, such as `http://127.0.0.1:4317`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops listening, says goodbye on event streams, closes WebSockets with 1001 and waits for all connections to end, at
   * most `deadlineMs` (default 1,000 ms), then cuts them.
   * Stop the engine first: its channel answers what was accepted.
   */
  close(options?: { readonly deadlineMs?: number | undefined }): Promise<void>;
}

/**
 * Serves a gateway over `node:http` and `ws`, bound to this machine unless told otherwise.
 *
 * @throws {TypeError} when `host` is reachable from other machines and `allowRemote` is not set.
 * @throws the listen error, such as `EADDRINUSE`.
 */
export async function serveGateway(
  gateway: Gateway,
  options: ServeGatewayOptions = {},
): Promise<GatewayServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && options.allowRemote !== true) {
    throw new TypeError(
      `Binding ${host} lets other machines in: set allowRemote to say that you mean it`,
    );
  }
  const server = createLimitedServer(options);
  await listen(server, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const messageTimeoutMs = options.messageTimeoutMs ?? SERVER_LIMITS.messageTimeoutMs;
  const sockets = new NodeSockets(gateway, { messageTimeoutMs });
  const info = (message: IncomingMessage): ConnectionInfo => ({
    remoteAddress: message.socket.remoteAddress,
    port,
  });
  const serve = async (request: Request, from: ConnectionInfo): Promise<Response> => {
    const refusal = gateway.refuseHost(request, from);
    if (refusal !== undefined) return refusalResponse(refusal);
    return (await options.before?.(request, from)) ?? gateway.handle(request, from);
  };
  server.on('request', (message, response) => {
    void answer(message, response, (request) => serve(request, info(message))); // never rejects
  });
  server.on('upgrade', (message, stream, head) => {
    sockets.upgrade({ message, stream, head, info: info(message) }).catch(() => stream.destroy()); // the host's authentication threw
  });
  const close = once((deadlineMs: number) => {
    gateway.sayGoodbye();
    return shut(server, sockets, deadlineMs);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: ({ deadlineMs = 1_000 } = {}) => close(deadlineMs),
    [Symbol.asyncDispose]: () => close(1_000),
  };
}

function createLimitedServer(options: ServeGatewayOptions): Server {
  const server = createServer({
    maxHeaderSize: SERVER_LIMITS.maxHeaderBytes,
    headersTimeout: options.headersTimeoutMs ?? SERVER_LIMITS.headersTimeoutMs,
    requestTimeout: SERVER_LIMITS.requestTimeoutMs,
    keepAliveTimeout: SERVER_LIMITS.keepAliveTimeoutMs,
    connectionsCheckingInterval: SERVER_LIMITS.checkIntervalMs, // Node's own 30 s would add to each timeout
    requireHostHeader: true,
  });
  server.maxHeadersCount = SERVER_LIMITS.maxHeaders;
  server.maxConnections = options.maxConnections ?? SERVER_LIMITS.maxConnections;
  limitAddresses(
    server,
    options.maxConnectionsPerAddress ?? SERVER_LIMITS.maxConnectionsPerAddress,
  );
  return server;
}

function limitAddresses(server: Server, most: number): void {
  const connections = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (connections.get(address) ?? 0) + 1;
    connections.set(address, count);
    socket.once('close', () => {
      const left = (connections.get(address) ?? 1) - 1;
      if (left === 0) connections.delete(address);
      else connections.set(address, left);
    });
    if (count > most) socket.destroy();
  });
}

/** Never rejects: what a handler throws is a 500 without details. */
async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  serve: (request: Request) => Promise<Response>,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort(new DOMException('The peer hung up', 'AbortError'));
  });
  const request = toWebRequest(message, left.signal);
  if (request === undefined) {
    response.writeHead(400, { connection: 'close' }).end();
    return;
  }
  try {
    await sendWebResponse(await serve(request), response);
  } catch {
    if (response.headersSent) response.destroy();
    else await sendWebResponse(refusalResponse(FAILED), response);
  }
}

const FAILED = {
  status: 500,
  code: 'internal',
  error: 'This request could not be served',
} as const;

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function shut(server: Server, sockets: NodeSockets, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    sockets.terminate();
    server.closeAllConnections();
  }, deadlineMs);
  await Promise.all([closed, sockets.close()]);
  clearTimeout(deadline);
}

/** Closing twice is closing once: the second caller waits for the first. */
function once(close: (deadlineMs: number) => Promise<void>): (deadlineMs: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  return (deadlineMs) => (closing ??= close(deadlineMs));
}
