import { asset, eventStream, json, plain } from './answer.ts';
import { PAGE_ASSETS } from './assets.generated.ts';
import { Broadcast } from './broadcast.ts';
import { isOurHost, isOurPage, type RequestInfo } from './guard.ts';
import {
  type DashboardHandlerOptions,
  LIMITS,
  type ResolvedHandlerOptions,
  resolveHandlerOptions,
  type WatchedEngine,
} from './options.ts';
import { type ReaderSession, Sessions } from './sessions.ts';

/** Serves the dashboard of one engine: the page, a snapshot, the feed. Read-only. */
export interface DashboardHandler {
  /** Answers a request below the base path. Never rejects. */
  handle(request: Request, info?: RequestInfo): Promise<Response>;
  /** Stops watching the engine and ends every stream. */
  close(): void;
}

/**
 * Makes a web-standard handler, for any server to mount. It watches the engine from now on, so that a page that is
 * opened late has its history. It carries its own checks: host, origin, token.
 *
 * @throws {TypeError} without a token: a dashboard is never open by default.
 */
export function createDashboardHandler(
  engine: WatchedEngine,
  options: DashboardHandlerOptions,
): DashboardHandler {
  return new Handler(engine, resolveHandlerOptions(options));
}

class Handler implements DashboardHandler {
  readonly #options: ResolvedHandlerOptions;
  readonly #broadcast: Broadcast;
  readonly #sessions: Sessions;

  constructor(engine: WatchedEngine, options: ResolvedHandlerOptions) {
    this.#options = options;
    this.#broadcast = new Broadcast(engine, options.time);
    this.#sessions = new Sessions(options.token, options.time);
  }

  async handle(request: Request, info: RequestInfo = {}): Promise<Response> {
    if (!isOurHost(request, info, this.#options.allowedHosts)) return plain(421);
    if (!isOurPage(request)) return plain(403);
    try {
      return await this.#route(request, info);
    } catch {
      return plain(500); // a broken body, a failing snapshot: nothing of it may leave the process
    }
  }

  close(): void {
    this.#broadcast.close();
  }

  #route(request: Request, info: RequestInfo): Promise<Response> | Response {
    const path = pathBelow(request, this.#options.basePath);
    if (path === undefined) return plain(404);
    if (path === '') return plain(308, { location: `${this.#options.basePath}/` });
    if (request.method === 'POST') {
      return path === '/api/session' ? this.#beginSession(request, info) : plain(404);
    }
    if (request.method !== 'GET') return plain(405, { allow: 'GET, POST' });
    if (path === '/api/feed')
      return this.#asReader(request, info, (session) => this.#feed(request, session));
    if (path === '/api/snapshot') {
      return this.#asReader(request, info, () => json(this.#broadcast.picture()));
    }
    const file = PAGE_ASSETS.get(path === '/' ? '/index.html' : path);
    return file === undefined ? plain(404) : asset(file);
  }

  async #beginSession(request: Request, info: RequestInfo): Promise<Response> {
    if (request.headers.get('content-type')?.split(';')[0] !== 'application/json')
      return plain(415);
    const token = await readToken(request);
    if (token === undefined) return plain(400);
    const session = await this.#sessions.begin(token, info.remoteAddress ?? '');
    if (typeof session !== 'string') return plain(session.kind === 'refused' ? 401 : 429);
    const path = `${this.#options.basePath}/`;
    return plain(204, {
      'set-cookie': `${cookieName(info)}=${session}; HttpOnly; SameSite=Strict; Path=${path}`,
    });
  }

  async #asReader(
    request: Request,
    info: RequestInfo,
    serve: (session: ReaderSession) => Response,
  ): Promise<Response> {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    const cookie = cookieOf(request, cookieName(info));
    const admission = await this.#sessions.admit(cookie, bearer, info.remoteAddress ?? '');
    switch (admission.kind) {
      case 'admitted':
        return serve(admission.session);
      case 'refused':
        return plain(401);
      case 'tooManyTries':
        return plain(429, { 'retry-after': '60' });
    }
  }

  #feed(request: Request, session: ReaderSession): Response {
    const isFull =
      this.#broadcast.readers >= LIMITS.streams || session.streams >= LIMITS.streamsPerSession;
    if (isFull) return plain(503, { 'retry-after': '5' });
    session.streams += 1;
    const body = this.#broadcast.open(request.headers.get('last-event-id'), () => {
      session.streams -= 1;
    });
    return eventStream(body);
  }
}

/** Cookies know no ports: two servers on one machine must not take each other's. */
function cookieName(info: RequestInfo): string {
  return info.port === undefined ? 'sluice' : `sluice_${info.port}`;
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

function pathBelow(request: Request, basePath: string): string | undefined {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(basePath)) return undefined;
  const path = pathname.slice(basePath.length);
  return path === '' || path.startsWith('/') ? path : undefined;
}

async function readToken(request: Request): Promise<string | undefined> {
  const text = await readText(request);
  if (text === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(text);
    const token =
      typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a small body, or gives up at the bound. */
async function readText(request: Request): Promise<string | undefined> {
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length <= LIMITS.bodyBytes) continue;
    await reader.cancel();
    return undefined;
  }
}
