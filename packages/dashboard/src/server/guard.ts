/** What a server knows of a request beside the request. */
export interface RequestInfo {
  /** The peer's address. Default: all peers count as one. */
  readonly remoteAddress?: string | undefined;
  /** The port that is listened on, so that `Host` is checked to the letter. Default: any port passes. */
  readonly port?: number | undefined;
}

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Tells whether a request was sent to a name that is ours: how DNS rebinding is noticed. */
export function isOurHost(
  request: Request,
  info: RequestInfo,
  allowedHosts: readonly string[],
): boolean {
  const host = hostOf(request);
  if (allowedHosts.includes(host)) return true;
  if (info.port === undefined) return LOOPBACK_NAMES.includes(host.replace(/:\d{1,5}$/, ''));
  return LOOPBACK_NAMES.some(
    (name) => host === `${name}:${info.port}` || (info.port === 80 && host === name),
  );
}

/**
 * Tells whether a request for data comes from our own page, from its reader's hand, or from a program that has the
 * token. Another port of this machine is the same *site* to a browser, which sends it our cookie: it is refused too.
 */
export function isOurPage(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site') ?? 'none';
  if (site !== 'same-origin' && site !== 'none') return false;
  const origin = request.headers.get('origin');
  if (origin === null) return request.method === 'GET' || bearerOf(request) !== undefined;
  return origin === `http://${hostOf(request)}` || origin === `https://${hostOf(request)}`;
}

/** Reads the token of a program. */
export function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Reads one cookie. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

function hostOf(request: Request): string {
  return (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
}
