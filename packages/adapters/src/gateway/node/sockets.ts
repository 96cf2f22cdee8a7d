import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Gateway, SocketAdmission, SocketTicket } from '../gateway.ts';
import type { ConnectionInfo } from '../guard.ts';
import { GATEWAY_PROTOCOL } from '../protocols.ts';
import { type Refusal, refusalResponse } from '../refusal.ts';
import { SERVER_LIMITS } from './options.ts';
import { watchUnfinished } from './unfinished.ts';
import { toWebRequest } from './web-request.ts';

/** A request to become a WebSocket, as `node:http` hands it over. */
export interface UpgradeRequest {
  readonly message: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  readonly info: ConnectionInfo;
}

/** How sockets are watched. */
export interface NodeSocketsOptions {
  /** How long a message may take from its first byte to its last, in milliseconds. */
  readonly messageTimeoutMs: number;
}

/** What ws 8.23 knows and its types do not yet: tiny pieces pin far more memory than their bytes. */
interface BufferLimits {
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
}

/** How long a closing handshake may take. */
const CLOSING_MS = 1_000;

/** Upgrades requests to WebSockets, once the gateway has admitted them, and notices the dead ones. */
export class NodeSockets {
  readonly #gateway: Gateway;
  readonly #server: WebSocketServer;
  readonly #alive = new WeakSet<WebSocket>();
  readonly #pinging: NodeJS.Timeout;

  /** Streams whose upgrade is not decided yet: no server counts them as connections any longer. */
  readonly #undecided = new Set<Duplex>();

  readonly #messageTimeoutMs: number;

  constructor(gateway: Gateway, options: NodeSocketsOptions) {
    this.#gateway = gateway;
    this.#messageTimeoutMs = options.messageTimeoutMs;
    const settings: ServerOptions & BufferLimits = {
      noServer: true,
      clientTracking: true,
      perMessageDeflate: false, // an offer of compression is an offer of bombs
      // The others carry a token or a ticket: to choose one would be to say it aloud.
      handleProtocols: (offered) => (offered.has(GATEWAY_PROTOCOL) ? GATEWAY_PROTOCOL : false),
      maxPayload: gateway.limits.maxMessageBytes,
      maxFragments: SERVER_LIMITS.maxFragments,
      maxBufferedChunks: SERVER_LIMITS.maxBufferedChunks,
    };
    this.#server = new WebSocketServer(settings);
    this.#pinging = setInterval(() => this.#ping(), SERVER_LIMITS.pingIntervalMs);
    this.#pinging.unref();
  }

  /** Answers an upgrade. A refusal is answered as HTTP, before `101`. */
  async upgrade({ message, stream, head, info }: UpgradeRequest): Promise<void> {
    const hungUp = abortedOnClose(stream);
    this.#undecided.add(stream);
    const admission = await this.#judge(message, hungUp.signal, info);
    this.#undecided.delete(stream);
    hungUp.stop();
    if (!admission.ok) return refuse(stream, admission.refusal);
    if (stream.destroyed) return;
    const { ticket } = admission;
    this.#server.handleUpgrade(message, stream, head, this.#connect.bind(this, stream, ticket));
  }

  async #judge(
    message: IncomingMessage,
    signal: AbortSignal,
    info: ConnectionInfo,
  ): Promise<SocketAdmission> {
    const request = toWebRequest(message, signal);
    if (request === undefined) return { ok: false, refusal: BAD_REQUEST };
    return this.#gateway.admitSocket(request, info);
  }

  /** Bound, not enclosed: what stays with the socket must not hold the request that opened it. */
  #connect(stream: Duplex, ticket: SocketTicket, socket: WebSocket): void {
    const events = this.#gateway.connectSocket(socket, ticket);
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.on('message', (data, isBinary) => events.message(isBinary ? undefined : textOf(data)));
    socket.on('error', () => socket.terminate()); // a broken frame: ws has closed with the right code already
    socket.on('close', (code) => events.closed(code));
    watchUnfinished(socket, stream, {
      timeoutMs: this.#messageTimeoutMs,
      onLate: () => {
        socket.close(1008, 'The message took too long');
        events.closed(1008);
        setTimeout(() => socket.terminate(), CLOSING_MS).unref(); // who trickles does not answer a close, either
      },
    });
  }

  /** Closes every socket as a server that goes away; resolves when all are gone. */
  async close(): Promise<void> {
    clearInterval(this.#pinging);
    const gone = [...this.#server.clients].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of this.#server.clients) socket.close(1001, 'The server stops');
    await Promise.all(gone);
    this.#server.close();
  }

  /** Cuts every socket that is still there. */
  terminate(): void {
    for (const socket of this.#server.clients) socket.terminate();
    for (const stream of this.#undecided) stream.destroy();
  }

  #ping(): void {
    for (const socket of this.#server.clients) {
      if (socket.isPaused) continue; // we do not read: its pong may be among what waits
      if (!this.#alive.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#alive.delete(socket);
      socket.ping();
    }
  }
}

/** Tells when a stream is gone before its upgrade is decided. */
function abortedOnClose(stream: Duplex): {
  readonly signal: AbortSignal;
  readonly stop: () => void;
} {
  const hungUp = new AbortController();
  const onClose = (): void => hungUp.abort();
  stream.once('close', onClose);
  stream.on('error', destroyOnError); // a reset while we think: `close` follows
  return { signal: hungUp.signal, stop: () => void stream.off('close', onClose) };
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}

const BAD_REQUEST: Refusal = {
  status: 400,
  code: 'bad_request',
  error: 'This is no request of HTTP/1.1',
};

/** ws has checked the UTF-8 of a text frame; with one fragment it hands over one buffer. */
function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

async function refuse(stream: Duplex, refusal: Refusal): Promise<void> {
  const response = refusalResponse(refusal);
  const body = await response.text();
  const headers = [
    ...response.headers,
    ['connection', 'close'],
    ['content-length', String(Buffer.byteLength(body))],
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const text = `HTTP/1.1 ${refusal.status} Refused\r\n${lines}\r\n${body}`;
  stream.end(text, () => stream.destroy()); // or a peer that never closes its half would keep it
}
