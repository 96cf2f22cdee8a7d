import { Heartbeat } from '@sluice/core';
import {
  type ClientSocket,
  type ClientSocketEvent,
  closeQuietly,
  SOCKET_OPEN,
} from '../transport/socket.ts';
import type { ResolvedConnectOptions } from './connect-options.ts';
import type { ClientFrame, ServerFrame } from './protocol.ts';
import { offeredProtocols, ticketProtocols } from './protocols.ts';

/** Who hears of an attempt. */
export interface SocketAttemptEvents {
  readonly onOpen: () => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /** Called once, and last: whatever became of it. Code 1006: it was cut, or never opened. */
  readonly onClosed: (code: number) => void;
}

/** One WebSocket from being dialled to its end. Whatever it says later goes nowhere. */
export class SocketAttempt {
  readonly #options: ResolvedConnectOptions;
  readonly #events: SocketAttemptEvents;
  #socket: ClientSocket | undefined;
  #heartbeat: Heartbeat | undefined;
  #stopTimer: () => void = nothing;
  #stopWaking: () => void = nothing;
  #isOver = false;

  constructor(options: ResolvedConnectOptions, events: SocketAttemptEvents) {
    this.#options = options;
    this.#events = events;
    this.#stopTimer = options.clock.after(options.connectTimeoutMs, () => this.cut(1006));
    void this.#dial(); // never rejects
  }

  /** Notes that the gateway has answered: from now on it is only asked whether it lives. */
  ready(): void {
    this.#stopTimer();
    const { clock, pingIntervalMs: intervalMs } = this.#options;
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs,
      beat: () => this.send({ type: 'ping' }),
      onZombie: () => this.cut(1006),
    });
  }

  /** Sends a frame, or does nothing when nobody is there any more: the close follows. */
  send(frame: ClientFrame): void {
    if (this.#socket?.readyState === SOCKET_OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Asks whether the gateway is still there, and ends when it does not say so soon. */
  probe(): void {
    const { clock, wakeTimeoutMs } = this.#options;
    this.#stopWaking();
    this.#stopWaking = clock.after(wakeTimeoutMs, () => this.cut(1006));
    this.send({ type: 'ping' });
  }

  /** Ends it. The peer is told `code` where a page may say it. */
  cut(code: number): void {
    if (this.#socket !== undefined) closeQuietly(this.#socket, code === 1006 ? undefined : code);
    this.#end(code);
  }

  async #dial(): Promise<void> {
    try {
      const protocols = await this.#protocols();
      if (this.#isOver) return;
      this.#listen(this.#options.connectSocket(this.#options.url, protocols));
    } catch {
      this.#end(1006); // the host's token, or an address that no socket takes: tried again like any failure
    }
  }

  async #protocols(): Promise<readonly string[]> {
    const { getTicket, getToken } = this.#options;
    if (getTicket !== undefined) return ticketProtocols(await getTicket());
    return offeredProtocols(await getToken?.());
  }

  #listen(socket: ClientSocket): void {
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (!this.#isOver) this.#events.onOpen();
    });
    socket.addEventListener('message', (event) => this.#hear(event));
    socket.addEventListener('close', ({ code = 1006 }) => this.#end(code));
    socket.addEventListener('error', nothing); // `close` follows
  }

  #hear({ data }: ClientSocketEvent): void {
    if (this.#isOver) return;
    this.#stopWaking();
    this.#heartbeat?.answered();
    const frame = frameOf(data);
    if (frame === undefined) return this.cut(PROTOCOL_BROKEN);
    this.#events.onFrame(frame);
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#stopWaking();
    this.#heartbeat?.[Symbol.dispose]();
    this.#events.onClosed(code);
  }
}

/** A page may say 1000 and 3000 to 4999 alone. */
const PROTOCOL_BROKEN = 4002;

/** Reads a frame; `undefined` when whoever sent it is no gateway. Frames of an unknown type are passed on. */
function frameOf(data: unknown): ServerFrame | undefined {
  try {
    const frame: unknown = typeof data === 'string' ? JSON.parse(data) : undefined;
    const hasType = typeof frame === 'object' && frame !== null && 'type' in frame;
    return hasType && typeof frame.type === 'string' ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}

function nothing(): void {}
