import { type Channel, messageId } from '@sluice/core';
import { GatewayChannel } from './channel.ts';
import { Exchange, type ReplySink } from './exchange.ts';
import { checkHost, type ConnectionInfo } from './guard.ts';
import { admitUpgrade, handleRequest } from './handler.ts';
import {
  type GatewayOptions,
  type Principal,
  type ResolvedGatewayLimits,
  type ResolvedGatewayOptions,
  resolveGatewayOptions,
} from './options.ts';
import { RateLimiter } from './rate-limiter.ts';
import { type Refusal, retryAfter } from './refusal.ts';
import { type GatewaySession, GatewaySessions } from './sessions.ts';
import { type GatewaySocket, SocketLink, type SocketEvents } from './socket.ts';

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
  /** What is going on, for tests and health pages. */
  stats(): GatewayStats;
}

/** Whether a WebSocket may be opened. */
export type SocketAdmission =
  | { readonly ok: true; readonly ticket: SocketTicket }
  | { readonly ok: false; readonly refusal: Refusal };

/** Who a WebSocket belongs to. */
export interface SocketTicket {
  readonly client: string;
  readonly owner: string | undefined;
}

/** Counts of a gateway. */
export interface GatewayStats {
  readonly pending: number;
  readonly sessions: number;
  readonly sockets: number;
  readonly isAccepting: boolean;
}

/** Who asks: by principal when the gateway authenticates, else by address. */
export interface Asker {
  /** What rates are kept by. */
  readonly client: string;
  /** The principal's id, to whom sessions belong. */
  readonly owner: string | undefined;
}

/** A message that is about to be accepted. */
export interface Submission {
  readonly asker: Asker;
  readonly session: string | undefined;
  readonly sink: ReplySink;
}

/** An accepted message, or why it was not. */
export type SubmissionResult =
  | { readonly ok: true; readonly exchange: Exchange }
  | { readonly ok: false; readonly refusal: Refusal };

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
  readonly channel: GatewayChannel = new GatewayChannel();
  readonly sessions: GatewaySessions;
  readonly #rates: RateLimiter;
  readonly #socketsOf = new Map<string, number>();
  #sockets = 0;
  #nextMessage = 0;

  constructor(options: ResolvedGatewayOptions) {
    const { limits, clock } = options;
    this.options = options;
    this.sessions = new GatewaySessions(limits.maxSessions);
    this.#rates = new RateLimiter({
      clock,
      perSecond: limits.messagesPerSecond,
      burst: limits.burst,
      maxClients: limits.maxClients,
    });
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
    const link = new SocketLink(this, {
      socket,
      ticket,
      onClosed: () => this.#countSocket(ticket.client, -1),
    });
    const isTooMany = this.refuseSocket(ticket.client) !== undefined; // others were admitted at the same moment
    this.#countSocket(ticket.client, 1);
    if (isTooMany) link.hangUp(1013, 'Too many connections');
    return link;
  }

  stats(): GatewayStats {
    return {
      pending: this.channel.pending,
      sessions: this.sessions.size,
      sockets: this.#sockets,
      isAccepting: this.channel.isAccepting,
    };
  }

  /** Names who asks. A principal's rate is its own wherever it connects from. */
  askerOf(principal: Principal | null | undefined, info: ConnectionInfo): Asker {
    if (principal === null || principal === undefined) {
      return { client: `address:${info.remoteAddress ?? 'unknown'}`, owner: undefined };
    }
    return { client: `principal:${principal.id}`, owner: principal.id };
  }

  /** Says why no message is taken at the moment, if so. */
  refuseIntake(): Refusal | undefined {
    if (this.channel.isAccepting) return undefined;
    return {
      status: 503,
      code: 'unavailable',
      error: 'No messages are taken at the moment; try again soon',
      headers: retryAfter(this.options.limits.retryAfterMs),
    };
  }

  /** Takes one message of the asker's rate, or says how long to wait. */
  refuseRate(asker: Asker): Refusal | undefined {
    const waitMs = this.#rates.take(asker.client);
    if (waitMs === 0) return undefined;
    return {
      status: 429,
      code: 'rate_limited',
      error: 'Too many messages; wait as long as Retry-After says',
      headers: retryAfter(waitMs),
    };
  }

  /** Says why one more socket is not opened, if so. */
  refuseSocket(client: string): Refusal | undefined {
    const { maxSockets, maxSocketsPerClient } = this.options.limits;
    const own = this.#socketsOf.get(client) ?? 0;
    if (this.#sockets < maxSockets && own < maxSocketsPerClient) return undefined;
    return {
      status: 503,
      code: 'too_many_sockets',
      error: 'Too many connections',
      headers: retryAfter(this.options.limits.retryAfterMs),
    };
  }

  /** Accepts a message: from here on it is answered, failed or left, once. */
  submit(submission: Submission): SubmissionResult {
    const refusal = this.refuseIntake();
    if (refusal !== undefined) return { ok: false, refusal };
    const found = this.#sessionFor(submission);
    if (!found.ok) return found;
    const exchange = this.#openExchange(found.session, submission.sink);
    return { ok: true, exchange };
  }

  /** Hands an accepted message on. Apart from `submit`, so that a stream can say "accepted" before the first delta. */
  dispatch(exchange: Exchange, text: string): void {
    this.channel.accept(exchange, text);
  }

  #sessionFor({
    session: id,
    asker,
  }: Submission):
    | { readonly ok: true; readonly session: GatewaySession }
    | { readonly ok: false; readonly refusal: Refusal } {
    if (id === undefined) return { ok: true, session: this.sessions.create(asker.owner) };
    const session = this.sessions.find(id, asker.owner);
    if (session === undefined) return { ok: false, refusal: SESSION_UNKNOWN };
    if (session.pending < this.options.limits.maxPendingPerSession) return { ok: true, session };
    return {
      ok: false,
      refusal: { ...TOO_MANY_PENDING, headers: retryAfter(this.options.limits.retryAfterMs) },
    };
  }

  #openExchange(session: GatewaySession, sink: ReplySink): Exchange {
    this.#nextMessage += 1;
    const id = messageId(`m${this.#nextMessage}`);
    session.pending += 1;
    const exchange = new Exchange({
      id,
      session,
      sink,
      onEnd: () => {
        stopTimer();
        session.pending -= 1;
        this.channel.forget(id);
      },
    });
    const { clock, limits, failureText } = this.options;
    const stopTimer = clock.after(limits.replyTimeoutMs, () => exchange.expire(failureText), {
      unref: true,
    });
    return exchange;
  }

  #countSocket(client: string, change: 1 | -1): void {
    const count = (this.#socketsOf.get(client) ?? 0) + change;
    this.#sockets += change;
    if (count === 0) this.#socketsOf.delete(client);
    else this.#socketsOf.set(client, count);
  }
}

const SESSION_UNKNOWN: Refusal = {
  status: 404,
  code: 'session_unknown',
  error: 'No such session; leave "session" out to begin a new one',
};

const TOO_MANY_PENDING: Refusal = {
  status: 429,
  code: 'too_many_pending',
  error: 'This session has too many unanswered messages',
};
