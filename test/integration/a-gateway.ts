import { connect } from 'node:net';
import { createGateway, type Gateway, type GatewayOptions } from '@sluice/adapters/gateway';
import {
  type GatewayServer,
  serveGateway,
  type ServeGatewayOptions,
} from '@sluice/adapters/gateway/node';
import { createMockServer, type MockServer } from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import {
  ClientPool,
  createSluice,
  type Engine,
  type QueueOptions,
  type SluiceOptions,
} from '@sluice/core';
import { type ClientOptions, WebSocket } from 'ws';

/** A gateway that listens on this machine, its engine, and the model behind it: all real but the model's mind. */
export interface RunningGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly engine: Engine;
  readonly server: GatewayServer;
  readonly model: MockServer;
}

/** What a test may want otherwise. */
export interface RunningGatewayOptions {
  readonly gateway?: GatewayOptions;
  readonly serve?: ServeGatewayOptions;
  readonly engine?: Partial<SluiceOptions>;
  readonly model?: MockServer;
  readonly maxSize?: number;
  readonly queue?: QueueOptions;
}

/** Limits that let a whole load come from one address. */
export const ROOMY: GatewayOptions = { limits: { messagesPerSecond: 100_000, burst: 100_000 } };

/** A model that repeats the question, in `pieces` pieces. */
export function anEcho(pieces = 3, tokensPerSecond?: number): MockServer {
  return createMockServer({
    script: ({ text }) => ({
      text: [`You said ${text}`, ...'.'.repeat(pieces - 1)],
    }),
    physics: { tokensPerSecond },
  });
}

export async function aRunningGateway(
  options: RunningGatewayOptions = {},
): Promise<RunningGateway> {
  const model = options.model ?? anEcho();
  const { url: baseUrl } = await model.listen();
  const provider = openai({ baseUrl, model: 'mock-1', apiKey: 'no-key-needed' });
  const clients = new ClientPool({
    providers: { main: { provider, maxSize: options.maxSize ?? 10, minIdle: 0 } },
  });
  const gateway = createGateway(options.gateway);
  const engine = createSluice({
    clients,
    channels: [{ id: 'web', channel: gateway.channel, queue: options.queue }],
    agents: [{ name: 'echo', instructions: '' }],
    grant: ['channel.restart'],
    ...options.engine,
  });
  await engine.start();
  const server = await serveGateway(gateway, options.serve);
  return {
    gateway,
    engine,
    server,
    model,
    async [Symbol.asyncDispose](): Promise<void> {
      await engine.stop({ deadlineMs: 100 });
      await server.close({ deadlineMs: 100 });
      await model.close();
    },
  };
}

/** How many clients of the engine are lent now. */
export function lentClients(engine: Engine): number {
  return engine.snapshot().pools.reduce((sum, { stats }) => sum + stats.inUse, 0);
}

/** Sends a message over HTTP. */
export function post(
  url: string,
  body: unknown,
  options: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Resolves once `isMet` holds; the test's own time limit is its deadline. */
export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** What a raw connection was answered until the server closed it. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Writes bytes to a connection, as no honest client would, and reads until the server has closed it. */
export function raw(port: number, ...pieces: readonly (string | Buffer)[]): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      text += data;
    });
    socket.on('error', () => undefined); // a reset is a close, too
    socket.once('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      resolve({ status, text });
    });
    for (const piece of pieces) socket.write(piece);
  });
}

/** A frame as it came. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A WebSocket that keeps what came. */
export interface TestSocket {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** The code of the close, once it is closed. */
  readonly closed: Promise<number>;
  say(frame: unknown): void;
  /** Resolves with the first frame that fits. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>;
}

/** Opens a WebSocket as the gateway's own page would. */
export async function openSocket(
  { url }: GatewayServer,
  options: ClientOptions = {},
): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { origin: url, ...options });
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return {
    socket,
    frames,
    closed,
    say: (frame) => socket.send(JSON.stringify(frame)),
    until: async (fits) => {
      let found: Frame | undefined;
      await until(() => (found = frames.find(fits)) !== undefined);
      return found ?? { type: 'none' };
    },
  };
}

/** The status that an upgrade is answered with: 101 when it is let in. */
export function upgradeStatus(url: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, options);
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('error', () => undefined); // follows each refusal
  });
}
