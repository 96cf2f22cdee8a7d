import type { Channel } from '@sluice/core';
import type { Asker } from './asker.ts';
import { GatewayChannel } from './channel.ts';
import { ConnectionCount } from './connection-count.ts';
import { EventStream } from './event-stream.ts';
import { checkHost, type ConnectionInfo } from './guard.ts';
import { admitUpgrade, handleRequest } from './handler.ts';
import {
  type GatewayOptions,
  type ResolvedGatewayLimits,
  type ResolvedGatewayOptions,
  resolveGatewayOptions,
} from './options.ts';
import { RateLimiter } from './rate-limiter.ts';
import { type Refusal, type RefusalCode, retryAfter } from './refusal.ts';
import type { GatewaySession } from './session.ts';
import { GatewaySessions } from './sessions.ts';
import { type GatewaySocket, SocketLink, type SocketEvents } from './socket.ts';
import { Submissions } from './submissions.ts';
import { Tickets } from './tickets.ts';

/** A web gateway: a channel on one side, web-standard handlers on the other, for any server to mount. */
export interface Gateway {
  /** What a `ChannelManager` or an engine supervises. */
  readonly channel: Channel;
  /** What it bears. */
  readonly limits: ResolvedGatewayLimits;
  /** Answers an HTTP request. Never rejects: what goes wrong inside is a 500 without details. */
  handle(request: Request, info?: ConnectionInfo): Promise<Response>;
  /** Refuses what was sent to another host name: for pages that the host serves beside the gateway. */
  refuseHost(request: Request, info?: ConnectionInfo): Refusal | undefined;
  /** Judges a request to become a WebSocket: a refusal to answer with, or who connects. */
  admitSocket(request: Request, info?: ConnectionInfo): Promise<SocketAdmission>;
  /** Connects a socket whose request was admitted. The server passes on what happens to it. */
  connectSocket(socket: GatewaySocket, admission: SocketTicket): SocketEvents;
  /** Ends every event stream with a goodbye. Call when the server stops, beside closing the sockets with 1001. */
  sayGoodbye(): void;
  /** What is going on, for tests and health pages. */
  stats(): GatewayStats;
}

/** Whether a WebSocket may be opened. */
export type SocketAdmission =
  | { readonly ok: true; readonly ticket: SocketTicket }
  | { readonly ok: false; readonly refusal: Refusal };

/** Who a WebSocket belongs to. */
export type SocketTicket = Asker;

/** Counts of a gateway. */
export interface GatewayStats {
  readonly pending: number;
  readonly sessions: number;
  readonly sockets: number;
  /** Event streams. */
  readonly streams: number;
  /** About how many bytes are kept for readers who come back. */
  readonly replayBytes: number;
  readonly isAccepting: boolean;
  /** How often each refusal was answered since the gateway was made, also over WebSockets. */
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>;
}

/**
 * Makes a gateway. It opens no port: mount `handle` in any server, or use `serveGateway` of
 * `@sluice/adapters/gateway/node`.
 *
 * @throws {TypeError} when an option is wrong; the message names it.
 */
export function createGateway(options: GatewayOptions = {}): Gateway {
  return new WebGateway(resolveGatewayOptions(options));
}

/** The state that HTTP requests and sockets share. */
export class WebGateway implements Gateway {
  readonly options: ResolvedGatewayOptions;
  readonly channel: GatewayChannel;
  readonly sessions: GatewaySessions;
  readonly submissions: Submissions;
  readonly tickets: Tickets;
  /** Wrong logins of each address. */
  readonly wrongTries: RateLimiter;
  readonly #rates: RateLimiter;
  readonly #connections: ConnectionCount;
  readonly #streams = new Set<EventStream>();
  readonly #sockets = new Set<SocketLink>();
  /** Sockets that are not read until there is room. */
  readonly #held = new Set<SocketLink>();
  readonly #refused = new Map<RefusalCode, number>();

  constructor(options: ResolvedGatewayOptions) {
    const { limits, clock } = options;
    const { maxClients, wrongTriesPerMinute: tries } = limits;
    this.options = options;
    this.channel = new GatewayChannel({
      maxWaiting: limits.maxWaiting,
      retryAfterMs: limits.retryAfterMs,
      onRoom: () => this.#readAgain(),
    });
    this.sessions = new GatewaySessions({
      clock,
      maxSessions: limits.maxSessions,
      maxReaders: limits.maxReaders,
      graceMs: limits.resumeGraceMs,
      maxLogBytes: limits.replayTotalBytes,
      log: {
        maxFrames: limits.replayFrames,
        // More could not be sent to who comes back: it would be cut off for not reading, and come back again.
        maxBytes: Math.min(limits.replayBytes, limits.maxUnsentBytes / 2),
        ttlMs: limits.replayTtlMs,
      },
    });
    this.submissions = new Submissions(options, this.channel, this.sessions);
    this.tickets = new Tickets({ clock, ttlMs: limits.ticketTtlMs, maxTickets: limits.maxTickets });
    this.wrongTries = new RateLimiter({ clock, perSecond: tries / 60, burst: tries, maxClients });
    this.#rates = new RateLimiter({
      clock,
      perSecond: limits.messagesPerSecond,
      burst: limits.burst,
      maxClients,
    });
    this.#connections = new ConnectionCount(limits);
  }

  get limits(): ResolvedGatewayLimits {
    return this.options.limits;
  }

  handle(request: Request, info: ConnectionInfo = {}): Promise<Response> {
    return handleRequest(this, request, info);
  }

  refuseHost(request: Request, info: ConnectionInfo = {}): Refusal | undefined {
    return checkHost(request, info, this.options);
  }

  admitSocket(request: Request, info: ConnectionInfo = {}): Promise<SocketAdmission> {
    return admitUpgrade(this, request, info);
  }

  connectSocket(socket: GatewaySocket, ticket: SocketTicket): SocketEvents {
    const { client } = ticket;
    const link = new SocketLink(this, {
      socket,
      ticket,
      onClosed: () => {
        this.#connections.remove(client);
        this.#sockets.delete(link);
        this.#held.delete(link);
      },
    });
    const isTooMany = !this.#connections.hasRoomFor(client); // others were admitted at the same moment
    this.#connections.add(client);
    this.#sockets.add(link);
    if (isTooMany) {
      this.count('too_many_sockets');
      link.hangUp(1013, 'Too many connections');
    }
    return link;
  }

  /** Opens an event stream. Call `refuseConnection` first. */
  openStream(session: GatewaySession, asker: Asker, after: string | undefined): EventStream {
    this.#connections.add(asker.client);
    const stream = new EventStream(this, {
      asker,
      session,
      after,
      onClosed: (closed) => {
        this.#connections.remove(asker.client);
        this.#streams.delete(closed);
      },
    });
    if (stream.isOpen) this.#streams.add(stream);
    return stream;
  }

  sayGoodbye(): void {
    for (const stream of this.#streams) stream.end('stopping');
  }

  stats(): GatewayStats {
    return {
      pending: this.channel.pending,
      sessions: this.sessions.size,
      sockets: this.#sockets.size,
      streams: this.#streams.size,
      replayBytes: this.sessions.logBytes,
      isAccepting: this.channel.isAccepting,
      refused: Object.fromEntries(this.#refused),
    };
  }

  /** Counts a refusal. */
  count(code: RefusalCode): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** Takes one message of the asker's rate, or says how long to wait. */
  refuseRate(asker: Asker): Refusal | undefined {
    const waitMs = this.#rates.take(asker.client);
    return waitMs === 0 ? undefined : { ...RATE_LIMITED, headers: retryAfter(waitMs) };
  }

  /** Says why one more socket or stream is not opened, if so. */
  refuseConnection(client: string): Refusal | undefined {
    if (this.#connections.hasRoomFor(client)) return undefined;
    return { ...TOO_MANY_SOCKETS, headers: retryAfter(this.options.limits.retryAfterMs) };
  }

  /** Notes that a socket is not read until there is room again. */
  hold(link: SocketLink): void {
    this.#held.add(link);
  }

  /** In turn: one that fills the line again goes to the end. */
  #readAgain(): void {
    for (const link of this.#held) {
      if (this.channel.isFull) return;
      this.#held.delete(link);
      link.readAgain();
    }
  }
}

const RATE_LIMITED: Refusal = {
  status: 429,
  code: 'rate_limited',
  error: 'Too many messages; wait as long as Retry-After says',
};

const TOO_MANY_SOCKETS: Refusal = {
  status: 503,
  code: 'too_many_sockets',
  error: 'Too many connections',
};
