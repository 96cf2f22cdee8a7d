/** What a server knows of a request beside the request. */
export interface RequestInfo {
  /** The peer's address. Default: all peers count as one. */
  readonly remoteAddress?: string | undefined;
  /** The port that is listened on, so that `Host` is checked to the letter. Default: any port passes. */
  readonly port?: number | undefined;
}

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a request was sent to a name that is ours: how DNS rebinding is noticed. */
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
 * Whether a request comes from our own page or from a program that knows the token. A browser says where a POST comes
 * from, and that a GET comes from another site.
 */
export function isOurPage(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site === 'cross-site' || site === 'same-site')
    return request.method === 'GET' && isNavigation(request);
  const origin = request.headers.get('origin');
  if (origin === null) return request.method === 'GET' || request.headers.has('authorization');
  return origin === `http://${hostOf(request)}` || origin === `https://${hostOf(request)}`;
}

/** A link on another site may open the page: it holds nothing, and the feed behind it asks for the session. */
function isNavigation(request: Request): boolean {
  return request.headers.get('sec-fetch-mode') === 'navigate';
}

function hostOf(request: Request): string {
  return (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
}
