import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { ClientPool, createSluice, type Engine, systemClock } from '@sluice/core';
import { ScriptedChannel, ScriptedProvider } from '@sluice/core/testing';
import {
  type DashboardServer,
  serveDashboard,
  type ServeDashboardOptions,
} from '@sluice/dashboard/server/node';
import { type Frame, framesOf } from '../dashboard/server/a-stream.ts';

/** Of 32 characters and more, and easy to look for. */
export const TOKEN = 'canary-token-5d1f0c-of-this-dashboard';

/** A real engine whose dashboard listens on this machine. */
export interface RunningDashboard extends AsyncDisposable {
  readonly engine: Engine;
  readonly server: DashboardServer;
  /** All that was printed. */
  readonly printed: readonly string[];
  /** Makes the engine complete so many calls: five events or more each. */
  work(calls: number): Promise<void>;
}

export async function aRunningDashboard(
  options: ServeDashboardOptions = {},
): Promise<RunningDashboard> {
  const { engine, work } = anEngine();
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  const server = await serveDashboard(engine, { token: TOKEN, print, ...options });
  return {
    engine,
    server,
    printed,
    work,
    async [Symbol.asyncDispose]() {
      await server.close();
      await engine.stop({ deadlineMs: 100 });
    },
  };
}

/** An engine of fakes on the real clock. */
export function anEngine(): { readonly engine: Engine; work(calls: number): Promise<void> } {
  const provider = new ScriptedProvider({ clock: systemClock });
  const clients = new ClientPool({ providers: { main: { provider, maxSize: 10 } } });
  const engine = createSluice({
    clients,
    channels: [{ id: 'web', channel: new ScriptedChannel() }],
    agents: [{ name: 'atlas', instructions: '' }],
  });
  const request = { messages: [{ role: 'user', content: 'hello' }] } as const;
  const work = async (calls: number): Promise<void> => {
    for (let i = 0; i < calls; i += 1) await clients.complete(request);
  };
  return { engine, work };
}

/** What was answered to a program with the token. */
export function asProgram(lastEventId?: string): RequestInit {
  const place = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return { headers: { authorization: `Bearer ${TOKEN}`, ...place } };
}

/** Sends bytes as they are, and returns all that comes back until the server hangs up. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => undefined); // how it ends is in what was answered
    socket.on('close', () => resolve(answer));
  });
}

/** A feed that is read frame by frame. */
export class Feed implements Disposable {
  readonly response: IncomingMessage;
  readonly frames: Frame[] = [];
  isOver = false;
  #text = '';
  #wake: () => void = () => undefined;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.on('error', () => undefined); // being cut is an end
    response.on('close', () => {
      this.isOver = true;
      this.#wake();
    });
  }

  /** Resolves once a condition holds, which is looked at after each chunk, or the feed is over. */
  async until(holds: (feed: Feed) => boolean): Promise<this> {
    while (!holds(this) && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  /** The types of all frames so far. */
  get types(): readonly (string | undefined)[] {
    return this.frames.map(({ type }) => type);
  }

  /** The place of the last frame that has one. */
  get lastId(): string | undefined {
    return this.frames.findLast(({ id }) => id !== undefined)?.id;
  }

  [Symbol.dispose](): void {
    this.response.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const end = this.#text.lastIndexOf('\n\n') + 2;
    if (end < 2) return;
    this.frames.push(...framesOf(this.#text.slice(0, end)));
    this.#text = this.#text.slice(end);
    this.#wake();
  }
}

/** Opens a feed as a program with the token does, or with other headers. */
export function openFeed(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Feed> {
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${TOKEN}`;
    const own = 'cookie' in headers ? {} : { authorization };
    httpRequest({ port, host: '127.0.0.1', path: '/api/feed', headers: { ...own, ...headers } })
      .on('response', (response) => resolve(new Feed(response)))
      .on('error', reject)
      .end();
  });
}
