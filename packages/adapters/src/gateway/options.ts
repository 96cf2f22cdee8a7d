import { type Clock, systemClock } from '@sluice/core';
import { positive } from '../transport/positive.ts';

/** Who asks, as the host's own authentication knows them. */
export interface Principal {
  /** Stable and unique. Sessions belong to it. */
  readonly id: string;
}

/** Reads and forgets a session's history: a `SessionStore` of core fits. */
export interface SessionHistory {
  load(namespace: readonly string[]): Promise<{ readonly messages: readonly unknown[] }>;
  delete(namespace: readonly string[]): Promise<unknown>;
}

/** How a gateway is made. Every limit has a default; a crossed one is a documented 4xx or 5xx answer. */
export interface GatewayOptions {
  /**
   * Names who asks, or `null` for nobody: refused with 401. Called before anything is read from the body and before a
   * WebSocket is upgraded. `bearerToken` reads the token of either. Default: everyone who knows a session's id may use it.
   */
  readonly authenticate?:
    | ((request: Request) => Promise<Principal | null> | Principal | null)
    | undefined;
  /**
   * Asked again every `recheckMs` for each WebSocket and event stream that stays open: `null` closes it (4401). Default:
   * `authenticate` with the request that opened it, or, with a ticket, the one that bought it.
   */
  readonly recheck?:
    | ((principal: Principal) => Promise<Principal | null> | Principal | null)
    | undefined;
  /** Serves `GET` and `DELETE /api/sessions/:id`. Default: both answer 404. */
  readonly history?: SessionHistory | undefined;
  /** Host names beside the loopback ones, with their port unless it is the scheme's. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins beside the gateway's own. Default: none. No CORS header is ever sent. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Whether a WebSocket may come without an `Origin` and without `Authorization`, as programs do. Default false. */
  readonly allowNoOrigin?: boolean | undefined;
  readonly limits?: GatewayLimits | undefined;
  /** What a sender is told when its message could not be answered. Default: a plain apology. */
  readonly failureText?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** What a gateway bears. Sizes in bytes, times in milliseconds. */
export interface GatewayLimits {
  /** The largest body or frame. Default 65,536. */
  readonly maxMessageBytes?: number | undefined;
  /** How long a body may take to arrive. Default 10,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** How long `authenticate` may take. Default 5,000. */
  readonly authenticateTimeoutMs?: number | undefined;
  /** How long a message may wait for its whole reply. Default 120,000. */
  readonly replyTimeoutMs?: number | undefined;
  /** Messages a second that a client may send for long. Default 20. */
  readonly messagesPerSecond?: number | undefined;
  /** Messages that a client may send at once. A WebSocket's pings and refused frames count, too. Default 40. */
  readonly burst?: number | undefined;
  /** Unanswered messages a session may have: 2 at work and 8 in line. Default 10. */
  readonly maxPendingPerSession?: number | undefined;
  /** Sessions remembered; beyond it the one unused for longest is forgotten. Default 10,000. */
  readonly maxSessions?: number | undefined;
  /** Clients whose rate is remembered; beyond it the one unseen for longest is forgotten. Default 10,000. */
  readonly maxClients?: number | undefined;
  /** WebSockets and event streams in all. Default 10,000. */
  readonly maxSockets?: number | undefined;
  /** WebSockets and event streams of one client. Default 100. */
  readonly maxSocketsPerClient?: number | undefined;
  /** Unsent bytes at which a reader who does not read is cut off. Default 1,048,576. */
  readonly maxUnsentBytes?: number | undefined;
  /** How often a silent stream says that it lives. Default 15,000. */
  readonly heartbeatMs?: number | undefined;
  /** How long a WebSocket may be silent before it is closed. Default 300,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** What `Retry-After` says while the gateway takes no messages, and `retry` on event streams. Default 1,000. */
  readonly retryAfterMs?: number | undefined;
  /** Accepted messages that wait because the engine has no room; then HTTP is refused and sockets are not read. Default 100. */
  readonly maxWaiting?: number | undefined;
  /** Wrong logins of one address in a minute; then it is not listened to. Default 10. */
  readonly wrongTriesPerMinute?: number | undefined;
  /** How often it is asked whether whoever holds a connection open is still welcome. Default 300,000. */
  readonly recheckMs?: number | undefined;
  /** How long a ticket for a WebSocket is good. Default 30,000. */
  readonly ticketTtlMs?: number | undefined;
  /** Tickets that are out at once; the oldest goes first. Default 10,000. */
  readonly maxTickets?: number | undefined;
  /** Frames of one session that are kept for readers who come back. Default 1,000. */
  readonly replayFrames?: number | undefined;
  /** About how many bytes of one session are kept, at most half of `maxUnsentBytes`: who comes back gets all at once. Default 262,144. */
  readonly replayBytes?: number | undefined;
  /** How long they are kept. Default 300,000. */
  readonly replayTtlMs?: number | undefined;
  /** About how many bytes of all sessions are kept; those of the one silent for longest go first. Default 67,108,864. */
  readonly replayTotalBytes?: number | undefined;
  /** Readers that follow one session; one more takes the place of the first. Default 4. */
  readonly maxReaders?: number | undefined;
  /** How long replies go on after the last socket that followed their session was cut. Default 30,000. */
  readonly resumeGraceMs?: number | undefined;
}

/** A gateway's limits, all known. */
export type ResolvedGatewayLimits = { readonly [K in keyof GatewayLimits]-?: number };

/** A gateway's options, all known. */
export interface ResolvedGatewayOptions {
  readonly authenticate:
    | ((request: Request) => Promise<Principal | null> | Principal | null)
    | undefined;
  readonly recheck:
    | ((principal: Principal) => Promise<Principal | null> | Principal | null)
    | undefined;
  readonly history: SessionHistory | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly allowNoOrigin: boolean;
  readonly limits: ResolvedGatewayLimits;
  readonly failureText: string;
  readonly clock: Clock;
}

/** The limits of a gateway that says nothing of them. */
export const DEFAULT_GATEWAY_LIMITS: ResolvedGatewayLimits = {
  maxMessageBytes: 65_536,
  bodyTimeoutMs: 10_000,
  authenticateTimeoutMs: 5_000,
  replyTimeoutMs: 120_000,
  messagesPerSecond: 20,
  burst: 40,
  maxPendingPerSession: 10,
  maxSessions: 10_000,
  maxClients: 10_000,
  maxSockets: 10_000,
  maxSocketsPerClient: 100,
  maxUnsentBytes: 1_048_576,
  heartbeatMs: 15_000,
  idleTimeoutMs: 300_000,
  retryAfterMs: 1_000,
  maxWaiting: 100,
  wrongTriesPerMinute: 10,
  recheckMs: 300_000,
  ticketTtlMs: 30_000,
  maxTickets: 10_000,
  replayFrames: 1_000,
  replayBytes: 262_144,
  replayTtlMs: 300_000,
  replayTotalBytes: 67_108_864,
  maxReaders: 4,
  resumeGraceMs: 30_000,
};

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} when a limit is unknown or no number above 0; the message names it.
 */
export function resolveGatewayOptions(options: GatewayOptions): ResolvedGatewayOptions {
  const { authenticate, recheck, history } = options;
  return {
    authenticate,
    recheck,
    history,
    allowedHosts: (options.allowedHosts ?? []).map((host) => host.toLowerCase()),
    allowedOrigins: (options.allowedOrigins ?? []).map(readOrigin),
    allowNoOrigin: options.allowNoOrigin ?? false,
    limits: resolveLimits(options.limits ?? {}),
    failureText: options.failureText ?? 'This message could not be answered. Please try again.',
    clock: options.clock ?? systemClock,
  };
}

function readOrigin(origin: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]+$/i.test(origin)) return origin.toLowerCase();
  throw new TypeError(`allowedOrigins must be like "https://example.com", not "${origin}"`);
}

function resolveLimits(limits: GatewayLimits): ResolvedGatewayLimits {
  const resolved: Record<string, number> = { ...DEFAULT_GATEWAY_LIMITS };
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_GATEWAY_LIMITS)) throw new TypeError(`Unknown limit "${name}"`);
    if (value !== undefined) resolved[name] = positive(`limits.${name}`, value);
  }
  return resolved as unknown as ResolvedGatewayLimits;
}
