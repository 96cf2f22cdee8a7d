import { type Clock, type Random, systemClock, systemRandom } from '@sluice/core';
import { type PageLife, systemPage } from '../transport/page.ts';
import { positive } from '../transport/positive.ts';
import { type ConnectSocket, systemSocket } from '../transport/socket.ts';
import { gatewayAddress } from './address.ts';

/** How a gateway is reached over a WebSocket that is opened again and again. */
export interface ConnectOptions {
  /** Where the gateway is, such as `http://127.0.0.1:4317`. Default: the page's own origin. */
  readonly url?: string | undefined;
  /** The session to go on with. Default: a new one. */
  readonly session?: string | undefined;
  /** Asked before each connection; sent as a subprotocol, never in the address. Default: none. */
  readonly getToken?: (() => Promise<string> | string) | undefined;
  /** Asked before each connection for a ticket that the page bought at `/api/tickets`. Default: none. */
  readonly getTicket?: (() => Promise<string> | string) | undefined;
  /** Messages that wait for a connection, or for those before them. */
  readonly queue?: SendQueueOptions | undefined;
  /** Messages that may be unanswered at once; the others wait. @defaultValue 8 */
  readonly maxInFlight?: number | undefined;
  /** The largest message in bytes, as the gateway's `maxMessageBytes`. @defaultValue 65 536 */
  readonly maxMessageBytes?: number | undefined;
  /** How long a message may take from being sent to its whole reply, waiting included. @defaultValue 180 000 */
  readonly messageTimeoutMs?: number | undefined;
  /** How long a connection may take to be ready. @defaultValue 10 000 */
  readonly connectTimeoutMs?: number | undefined;
  /** The time between two pings; a gateway that did not answer one before the next is gone. @defaultValue 25 000 */
  readonly pingIntervalMs?: number | undefined;
  /** How long a gateway may take to answer when the page wakes up. @defaultValue 5 000 */
  readonly wakeTimeoutMs?: number | undefined;
  /** The waits between tries: anywhere between 0 and a bound that doubles, full jitter. */
  readonly backoff?: ReconnectBackoff | undefined;
  /** Makes the sockets. Default: the runtime's own `WebSocket`. */
  readonly connectSocket?: ConnectSocket | undefined;
  /** Tells when the page sleeps and wakes. Default: the page that this runs in, if any. */
  readonly page?: PageLife | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** The bound of what waits, and what happens at it. */
export interface SendQueueOptions {
  /** @defaultValue 100 */
  readonly capacity?: number | undefined;
  /** `reject`: the new message fails. `drop-oldest`: the one that waited longest fails. @defaultValue `'reject'` */
  readonly overflow?: 'reject' | 'drop-oldest' | undefined;
}

/** How the waits between tries grow. Durations in milliseconds. */
export interface ReconnectBackoff {
  /** @defaultValue 500 */
  readonly baseMs?: number | undefined;
  /** @defaultValue 30 000 */
  readonly capMs?: number | undefined;
  /** A connection that held for so long is forgiven its failures. @defaultValue 10 000 */
  readonly stableAfterMs?: number | undefined;
}

/** The options with their defaults filled in. */
export interface ResolvedConnectOptions {
  readonly url: string;
  readonly session: string | undefined;
  readonly getToken: (() => Promise<string> | string) | undefined;
  readonly getTicket: (() => Promise<string> | string) | undefined;
  readonly queue: { readonly capacity: number; readonly overflow: 'reject' | 'drop-oldest' };
  readonly maxInFlight: number;
  readonly maxMessageBytes: number;
  readonly messageTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly wakeTimeoutMs: number;
  readonly backoff: {
    readonly baseMs: number;
    readonly capMs: number;
    readonly stableAfterMs: number;
  };
  readonly connectSocket: ConnectSocket;
  readonly page: PageLife;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws {TypeError} that names the option, when a value makes no sense. */
export function resolveConnectOptions(options: ConnectOptions): ResolvedConnectOptions {
  const { queue = {}, backoff = {} } = options;
  const { overflow = 'reject' } = queue;
  if (overflow !== 'reject' && overflow !== 'drop-oldest') {
    throw new TypeError('queue.overflow must be reject or drop-oldest');
  }
  return {
    url: `${gatewayAddress(options.url, options.connectSocket !== undefined).replace(/^http/, 'ws')}/ws`,
    session: options.session,
    getToken: options.getToken,
    getTicket: options.getTicket,
    queue: {
      capacity: positive('queue.capacity', queue.capacity ?? 100),
      overflow,
    },
    maxInFlight: positive('maxInFlight', options.maxInFlight ?? 8),
    maxMessageBytes: positive('maxMessageBytes', options.maxMessageBytes ?? 65_536),
    messageTimeoutMs: positive('messageTimeoutMs', options.messageTimeoutMs ?? 180_000),
    connectTimeoutMs: positive('connectTimeoutMs', options.connectTimeoutMs ?? 10_000),
    pingIntervalMs: positive('pingIntervalMs', options.pingIntervalMs ?? 25_000),
    wakeTimeoutMs: positive('wakeTimeoutMs', options.wakeTimeoutMs ?? 5_000),
    backoff: {
      baseMs: positive('backoff.baseMs', backoff.baseMs ?? 500),
      capMs: positive('backoff.capMs', backoff.capMs ?? 30_000),
      stableAfterMs: positive('backoff.stableAfterMs', backoff.stableAfterMs ?? 10_000),
    },
    connectSocket: options.connectSocket ?? systemSocket,
    page: options.page ?? systemPage,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}
