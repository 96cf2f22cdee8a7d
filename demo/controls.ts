import type { Engine, SluiceCommand } from '@sluice/core';
import type { LoadGenerator } from './load.ts';

/** How long a provider stays broken. */
const BREAK_MS = 20_000;

/** What the demo's three routes act on. */
export interface ControlsOptions {
  readonly engine: Engine;
  readonly people: LoadGenerator;
}

/** The demo's own routes: load, break, restart. Only its own page may ask; the engine does only what it was granted. */
export class Controls {
  readonly #engine: Engine;
  readonly #people: LoadGenerator;
  #commands = 0;

  constructor({ engine, people }: ControlsOptions) {
    this.#engine = engine;
    this.#people = people;
  }

  /** Answers a request to one of the routes, or leaves it to others. */
  async answer(request: Request): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/demo/')) return undefined;
    if (pathname === '/demo/load' && request.method === 'GET') return this.#level();
    if (request.method !== 'POST') return told(405, 'Use POST');
    if (!isOwnPage(request)) return told(403, 'Only the page of the demo may ask this');
    switch (pathname) {
      case '/demo/load':
        return this.#load(await levelIn(request));
      case '/demo/break':
        return this.#break();
      case '/demo/restart':
        return this.#restart();
      default:
        return told(404, 'Nothing is here');
    }
  }

  #level(): Response {
    return Response.json(
      { level: this.#people.level },
      { headers: { 'cache-control': 'no-store' } },
    );
  }

  #load(level: number | undefined): Response {
    if (level === undefined) return told(400, 'Send { "level": 0 to 200 }');
    this.#people.set(level);
    return told(200, level === 0 ? 'Everybody leaves.' : `${level} people talk at once.`);
  }

  async #break(): Promise<Response> {
    return this.#execute(
      { type: 'fault.add', pool: 'shaky', kind: 'status', every: 1, value: 503, forMs: BREAK_MS },
      'shaky answers 503 for 20 s; callers go to swift.',
    );
  }

  async #restart(): Promise<Response> {
    return this.#execute(
      { type: 'channel.restart', channel: 'web' },
      'The channel drains, dials and runs again.',
    );
  }

  async #execute(command: WithoutBase<SluiceCommand>, done: string): Promise<Response> {
    this.#commands += 1;
    const result = await this.#engine.execute({
      ...command,
      id: `demo-${this.#commands}`,
      by: 'demo page',
    });
    return result.ok ? told(200, done) : told(409, result.reason);
  }
}

type WithoutBase<C> = C extends SluiceCommand ? Omit<C, 'id' | 'by'> : never;

/** Browsers say where a POST comes from. Another site's page, or a rebound name, says something else. */
function isOwnPage(request: Request): boolean {
  const url = new URL(request.url);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const isJson = request.headers.get('content-type') === 'application/json';
  return isLoopback && isJson && request.headers.get('origin') === url.origin;
}

async function levelIn(request: Request): Promise<number | undefined> {
  if (Number(request.headers.get('content-length') ?? Number.NaN) > 100) return undefined;
  try {
    const body: unknown = JSON.parse(await request.text());
    const level =
      typeof body === 'object' && body !== null && 'level' in body ? body.level : undefined;
    return typeof level === 'number' && level >= 0 && level <= 200 ? level : undefined;
  } catch {
    return undefined;
  }
}

function told(status: number, text: string): Response {
  return Response.json({ told: text }, { status, headers: { 'cache-control': 'no-store' } });
}
