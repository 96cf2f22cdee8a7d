import type { ResolvedGatewayOptions } from './options.ts';
import type { Refusal } from './refusal.ts';

/** What a server knows of a request beside the request itself. */
export interface ConnectionInfo {
  /** The peer's address; requests of one address share one rate. Default: all requests share one. */
  readonly remoteAddress?: string | undefined;
  /** The port that the server listens on, so that `Host` can be checked to the letter. Default: any port passes. */
  readonly port?: number | undefined;
}

type GuardOptions = Pick<
  ResolvedGatewayOptions,
  'allowedHosts' | 'allowedOrigins' | 'allowNoOrigin'
>;

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Refuses a request that was sent to another name: how DNS rebinding is noticed. Runs before anything else. */
export function checkHost(
  request: Request,
  info: ConnectionInfo,
  options: GuardOptions,
): Refusal | undefined {
  const host = hostOf(request);
  if (options.allowedHosts.includes(host) || isLoopbackHost(host, info.port)) return undefined;
  return { status: 421, code: 'host_refused', error: '', hangsUp: true };
}

/**
 * Refuses what another site's page sent. Browsers always say where a POST, a DELETE or a WebSocket comes from; programs
 * say nothing, and are let in, but for WebSockets, which have no other sign of a browser.
 */
export function checkOrigin(request: Request, options: GuardOptions): Refusal | undefined {
  if (request.headers.get('sec-fetch-site') === 'cross-site') return originRefused();
  const origin = request.headers.get('origin');
  if (origin === null) {
    const isKnownProgram = options.allowNoOrigin || request.headers.has('authorization');
    return isUpgrade(request) && !isKnownProgram ? originRefused() : undefined;
  }
  const own = [`http://${hostOf(request)}`, `https://${hostOf(request)}`];
  const given = origin.toLowerCase();
  if (own.includes(given) || options.allowedOrigins.includes(given)) return undefined;
  return originRefused();
}

/** Whether a request wants to become a WebSocket. */
export function isUpgrade(request: Request): boolean {
  return request.headers.get('upgrade')?.toLowerCase() === 'websocket';
}

function isLoopbackHost(host: string, port: number | undefined): boolean {
  if (port !== undefined) {
    return LOOPBACK_NAMES.some(
      (name) => host === `${name}:${port}` || (port === 80 && host === name),
    );
  }
  const name = host.replace(/:\d{1,5}$/, '');
  return LOOPBACK_NAMES.includes(name);
}

function hostOf(request: Request): string {
  return (request.headers.get('host') ?? new URL(request.url).host).toLowerCase();
}

function originRefused(): Refusal {
  return {
    status: 403,
    code: 'origin_refused',
    error: 'This origin may not use the gateway; name it in allowedOrigins if it should',
    hangsUp: true,
  };
}
