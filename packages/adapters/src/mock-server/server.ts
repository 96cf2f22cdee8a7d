import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@sluice/core';
import { believableReply } from '../mock/believable.ts';
import { DIALECTS, dialectOf } from '../mock/dialect/all.ts';
import type { AskingRequest } from '../mock/dialect/dialect.ts';
import { openaiDialect } from '../mock/dialect/openai.ts';
import type { Journal } from '../mock/journal.ts';
import type { Plan } from '../mock/plan.ts';
import type { Script, ScriptSource } from '../mock/script.ts';
import { Upstream, type UpstreamOptions } from '../mock/upstream.ts';
import { readBody } from './body.ts';
import { performOn } from './respond.ts';

/** How a mock server is played. */
export interface MockServerOptions extends UpstreamOptions {
  /** What it answers. Default: something sensible, at a believable pace, to any question. */
  readonly script?: ScriptSource | Script | undefined;
  /** @defaultValue `0`: any that is free */
  readonly port?: number | undefined;
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string | undefined;
  /** The longest request that is read, in bytes; longer ones are refused with 413. @defaultValue `1_048_576` */
  readonly maxBodyBytes?: number | undefined;
}

/** Where a mock server listens. */
export interface MockServerAddress {
  /** The base URL for OpenAI's family, such as `http://127.0.0.1:4010/v1`. */
  readonly url: string;
  /** The base URL of each dialect, by its name: the provider's own path on this machine. */
  readonly urls: Readonly<Record<string, string>>;
}

/** A provider on a port of its own. `await using` closes it. */
export interface MockServer extends AsyncDisposable {
  /** Starts to listen. Resolves with the base URLs to hand to providers. */
  listen(): Promise<MockServerAddress>;
  /** Breaks what is open, and resolves once every socket is closed. Safe to call twice. */
  close(): Promise<void>;
  /** How many connections are open now, idle ones that a caller keeps for its next request included. */
  openSockets(): Promise<number>;
  readonly journal: Journal;
  /** The script being played; `script.add(reply)` adds to it. */
  readonly script: Script;
}

/** Makes a server that speaks every dialect at once: the path tells which. Nothing listens before `listen`. */
export function createMockServer(options: MockServerOptions = {}): MockServer {
  return new NodeMockServer(options);
}

class NodeMockServer implements MockServer {
  readonly #options: MockServerOptions;
  readonly #upstream: Upstream;
  #server: Server | undefined;

  constructor(options: MockServerOptions) {
    const { script = believableReply, clock = systemClock } = options;
    this.#options = options;
    this.#upstream = new Upstream(script, { ...options, clock });
  }

  get journal(): Journal {
    return this.#upstream.journal;
  }

  get script(): Script {
    return this.#upstream.script;
  }

  async listen(): Promise<MockServerAddress> {
    const { port = 0, host = '127.0.0.1' } = this.#options;
    const server = createServer(LIMITS, (request, response) => {
      // Nothing of ours throws; what the socket does wrong ends that socket alone.
      this.#handle(request, response).catch(() => response.destroy());
    });
    server.maxHeadersCount = 64;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address() as AddressInfo; // it listens on a port, not on a pipe
    const authority = host.includes(':') ? `[${host}]` : host;
    const origin = `http://${authority}:${address.port}`;
    const urls = DIALECTS.map(({ name, baseUrl }) => [name, baseUrlAt(origin, baseUrl)] as const);
    return { url: baseUrlAt(origin, openaiDialect.baseUrl), urls: Object.fromEntries(urls) };
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  openSockets(): Promise<number> {
    const server = this.#server;
    if (server === undefined) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asking = askingOf(request);
    const known = dialectOf(asking);
    if (known === undefined) {
      await this.#perform(openaiDialect.planRefusal(404, 'There is nothing here'), response);
      return;
    }
    const { dialect, ask } = known;
    const refusal = this.#upstream.refuse(dialect, asking);
    if (refusal !== undefined) {
      await this.#perform(refusal, response);
      return;
    }
    const body = await readBody(request, this.#options.maxBodyBytes ?? MAX_BODY_BYTES);
    if (body.kind === 'broken') return;
    if (body.kind === 'too-long') {
      await this.#perform(dialect.planRefusal(413), response);
      return;
    }
    const json = body.kind === 'json' ? body.json : undefined;
    const { plan, exchange } = this.#upstream.serve(dialect, ask, { ...asking, body: json });
    const isWhole = await this.#perform(plan, response);
    if (isWhole) exchange?.finish();
    else exchange?.abort();
  }

  #perform(plan: Plan, response: ServerResponse): Promise<boolean> {
    return performOn(response, plan, this.#upstream.clock);
  }
}

function askingOf({ method = '', url = '', headers }: IncomingMessage): AskingRequest {
  const path = url.split('?', 1)[0] ?? '';
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return { method, path, headers: Object.fromEntries(single) };
}

/** The provider's path at another origin. */
function baseUrlAt(origin: string, baseUrl: string): string {
  return `${origin}${new URL(baseUrl).pathname}`.replace(/\/$/, '');
}

const MAX_BODY_BYTES = 1_048_576;

/** Node's own limits are meant for the open internet; nobody honest is slow on this machine. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
};
