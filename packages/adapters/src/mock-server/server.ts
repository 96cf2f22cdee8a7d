import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, type Random, seededRandom, systemClock } from '@sluice/core';
import { believableReply } from '../mock/believable.ts';
import { planModels, planReply, readQuestion } from '../mock/dialect/openai.ts';
import { planRefusal } from '../mock/dialect/openai-error.ts';
import { Journal } from '../mock/journal.ts';
import type { Plan } from '../mock/plan.ts';
import { Script, type ScriptOptions, type ScriptSource } from '../mock/script.ts';
import { readBody } from './body.ts';
import { performOn } from './respond.ts';

/** How a mock server is played. */
export interface MockServerOptions extends ScriptOptions {
  /** What it answers. Default: something sensible, at a believable pace, to any question. */
  readonly script?: ScriptSource | Script | undefined;
  /** @defaultValue `0`: any that is free */
  readonly port?: number | undefined;
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string | undefined;
  /** The key to ask for. Requests with another one are refused with 401. Default: any, or none, is let in. */
  readonly apiKey?: string | undefined;
  /** The longest request that is read, in bytes; longer ones are refused with 413. @defaultValue `1_048_576` */
  readonly maxBodyBytes?: number | undefined;
  /** What delays are counted on. Default: real time. */
  readonly clock?: Clock | undefined;
  /** Draws jitter and random cuts. @defaultValue `1` */
  readonly seed?: number | undefined;
}

/** A provider on a port of its own. `await using` closes it. */
export interface MockServer extends AsyncDisposable {
  /** Starts to listen. Resolves with the base URL to hand to the provider, such as `http://127.0.0.1:4010/v1`. */
  listen(): Promise<{ readonly url: string }>;
  /** Breaks what is open, and resolves once every socket is closed. Safe to call twice. */
  close(): Promise<void>;
  /** How many connections are open now, idle ones that a caller keeps for its next request included. */
  openSockets(): Promise<number>;
  readonly journal: Journal;
  /** The script being played; `script.add(reply)` adds to it. */
  readonly script: Script;
}

/** Makes a server that speaks OpenAI's Chat Completions. Nothing listens before `listen`. */
export function createMockServer(options: MockServerOptions = {}): MockServer {
  return new NodeMockServer(options);
}

class NodeMockServer implements MockServer {
  readonly journal: Journal = new Journal();
  readonly script: Script;
  readonly #options: MockServerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  #server: Server | undefined;

  constructor(options: MockServerOptions) {
    const { script = believableReply, clock = systemClock, seed = 1 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.script = script instanceof Script ? script : new Script(script, options);
  }

  async listen(): Promise<{ readonly url: string }> {
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
    return { url: `http://${authority}:${address.port}/v1` };
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
    const refusal = this.#refuse(request);
    if (refusal !== undefined) return this.#perform(refusal, response);
    if (request.method === 'GET') return this.#perform(planModels(this.script.models), response);
    const body = await readBody(request, this.#options.maxBodyBytes ?? MAX_BODY_BYTES);
    if (body.kind === 'broken') return undefined;
    if (body.kind === 'too-long') return this.#perform(planRefusal(413), response);
    if (body.kind === 'no-json') return this.#perform(planRefusal(400), response);
    const { question, reply } = this.script.reply(readQuestion(body.json));
    const exchange = this.journal.begin(question);
    const plan = planReply(question, reply, this.#random);
    const isWhole = await performOn(response, plan, this.#clock);
    if (isWhole) exchange.finish();
    else exchange.abort();
    return undefined;
  }

  #refuse({ method, url = '', headers }: IncomingMessage): Plan | undefined {
    const path = url.split('?', 1)[0] ?? '';
    const isKnown =
      (method === 'POST' && path.endsWith('/chat/completions')) ||
      (method === 'GET' && path.endsWith('/models'));
    if (!isKnown) return planRefusal(404, 'There is nothing here');
    const { apiKey } = this.#options;
    const isLetIn = apiKey === undefined || headers.authorization === `Bearer ${apiKey}`;
    return isLetIn ? undefined : planRefusal(401);
  }

  async #perform(plan: Plan, response: ServerResponse): Promise<void> {
    await performOn(response, plan, this.#clock);
  }
}

const MAX_BODY_BYTES = 1_048_576;

/** Node's own limits are meant for the open internet; nobody honest is slow on this machine. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
};
