import { asset, eventStream, json, plain } from './answer.ts';
import { PAGE_ASSETS } from './assets.generated.ts';
import { readToken } from './body.ts';
import { Broadcast } from './broadcast.ts';
import { bearerOf, cookieOf, isOurHost, isOurPage, type RequestInfo } from './guard.ts';
import {
  type DashboardHandlerOptions,
  LIMITS,
  type ResolvedHandlerOptions,
  resolveHandlerOptions,
  type WatchedEngine,
} from './options.ts';
import { type ReaderSession, type Refusal, Sessions } from './sessions.ts';

/** Serves the dashboard of one engine: the page, a snapshot, the feed. Read-only. */
export interface DashboardHandler {
  /** Answers a request below the base path. Never rejects. */
  handle(request: Request, info?: RequestInfo): Promise<Response>;
  /** Stops watching the engine and ends every stream. Safe to call twice. */
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
  const resolved = resolveHandlerOptions(options);
  const broadcast = new Broadcast(engine, resolved.time);
  broadcast.start();
  return new Handler(broadcast, resolved);
}

class Handler implements DashboardHandler {
  readonly #options: ResolvedHandlerOptions;
  readonly #broadcast: Broadcast;
  readonly #sessions: Sessions;
  #isClosed = false;

  constructor(broadcast: Broadcast, options: ResolvedHandlerOptions) {
    this.#options = options;
    this.#broadcast = broadcast;
    this.#sessions = new Sessions(options.token, options.time);
  }

  async handle(request: Request, info: RequestInfo = {}): Promise<Response> {
    try {
      if (!isOurHost(request, info, this.#options.allowedHosts)) return plain(421);
      return await this.#route(request, info);
    } catch {
      return plain(500); // a broken body, a failing snapshot: nothing of it may leave the process
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#broadcast.close();
  }

  #route(request: Request, info: RequestInfo): Promise<Response> | Response {
    const path = pathBelow(request, this.#options.basePath);
    if (path === undefined) return plain(404);
    if (path.startsWith('/api/') || request.method !== 'GET') {
      return isOurPage(request) ? this.#answer(path, request, info) : plain(403);
    }
    // The page holds nothing, so a link on another site may open it; what it shows comes from the session.
    if (path === '') return plain(308, { location: `${this.#options.basePath}/` });
    const file = PAGE_ASSETS.get(path === '/' ? '/index.html' : path);
    return file === undefined ? plain(404) : asset(file);
  }

  #answer(path: string, request: Request, info: RequestInfo): Promise<Response> | Response {
    switch (`${request.method} ${path}`) {
      case 'POST /api/session':
        return this.#beginSession(request, info);
      case 'GET /api/snapshot':
        return this.#asReader(request, info, () => json(this.#broadcast.picture()));
      case 'GET /api/feed':
        return this.#asReader(request, info, (session) => this.#feed(request, session));
      default:
        return plain(404); // whatever would act is not there
    }
  }

  async #beginSession(request: Request, info: RequestInfo): Promise<Response> {
    if (request.headers.get('content-type')?.split(';')[0] !== 'application/json') {
      return plain(415);
    }
    const token = await readToken(request);
    const session = await this.#sessions.begin(token, info.remoteAddress ?? '');
    if (typeof session !== 'string') return refused(session);
    const isSecure = new URL(request.url).protocol === 'https:';
    const flags = `HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
    const cookie = `${cookieName(info)}=${session}; Path=${this.#options.basePath}/; ${flags}`;
    return plain(204, { 'set-cookie': cookie });
  }

  async #asReader(
    request: Request,
    info: RequestInfo,
    serve: (session: ReaderSession) => Response,
  ): Promise<Response> {
    const admission = await this.#sessions.admit({
      sessionId: cookieOf(request, cookieName(info)),
      bearer: bearerOf(request),
      address: info.remoteAddress ?? '',
    });
    if (admission.kind !== 'admitted') return refused(admission);
    return this.#isClosed ? plain(503) : serve(admission.session);
  }

  #feed(request: Request, session: ReaderSession): Response {
    const isFull =
      this.#broadcast.readers >= LIMITS.streams || session.streams >= LIMITS.streamsPerSession;
    if (isFull) return plain(503, { 'retry-after': '5' });
    const body = this.#broadcast.open(request.headers.get('last-event-id'), () => {
      session.streams -= 1;
    });
    session.streams += 1;
    return eventStream(body);
  }
}

/** Cookies know no ports: two servers on one machine must not take each other's. */
function cookieName(info: RequestInfo): string {
  return info.port === undefined ? 'sluice' : `sluice_${info.port}`;
}

function refused({ kind }: Refusal): Response {
  if (kind === 'tooManyTries') return plain(429, { 'retry-after': '60' });
  return plain(401, { 'www-authenticate': 'Bearer' });
}

function pathBelow(request: Request, basePath: string): string | undefined {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(basePath)) return undefined;
  const path = pathname.slice(basePath.length);
  return path === '' || path.startsWith('/') ? path : undefined;
}
