import type { ConnectionInfo } from '../guard.ts';

/** How a gateway is served over `node:http`. */
export interface ServeGatewayOptions {
  /** The address to bind. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** The port; 0 takes a free one. Default 0. */
  readonly port?: number | undefined;
  /** Whether an address that other machines reach may be bound. Default false. */
  readonly allowRemote?: boolean | undefined;
  /** Connections in all, HTTP and WebSocket. Default 10,256. */
  readonly maxConnections?: number | undefined;
  /** Connections of one address, HTTP and WebSocket; one more is cut. Default 1,000. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** How long the head of a request may take to arrive, in milliseconds; checked each second. Default 10,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a WebSocket message may take from its first byte to its last, in milliseconds. Default 30,000. */
  readonly messageTimeoutMs?: number | undefined;
  /** Answers what the gateway does not, such as a page of the host's own. Return `undefined` to leave it to the gateway. */
  readonly before?:
    | ((
        request: Request,
        info: ConnectionInfo,
      ) => Promise<Response | undefined> | Response | undefined)
    | undefined;
}

/** The defaults of `serveGateway`. Times in milliseconds. Node's own are laxer: each is set on purpose. */
export const SERVER_LIMITS = {
  maxHeaderBytes: 8_192,
  maxHeaders: 64,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  maxConnections: 10_256,
  maxConnectionsPerAddress: 1_000,
  checkIntervalMs: 1_000,
  maxFragments: 64,
  maxBufferedChunks: 256,
  messageTimeoutMs: 30_000,
  pingIntervalMs: 30_000,
} as const;

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host);
}
