import type { Asker } from './asker.ts';
import type { WebGateway } from './gateway.ts';
import { parseUntrustedText } from './json.ts';
import { type ClientFrame, idOfFrame, parseClientFrame, type ServerFrame } from './protocol.ts';
import { keepChecking } from './recheck.ts';
import type { Refusal } from './refusal.ts';
import { SocketTalk } from './socket-talk.ts';

/** What a gateway needs of a server's WebSocket. */
export interface GatewaySocket {
  /** Bytes that were handed over and not sent yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Stops reading, so that the sender feels it. Default: messages that find no room are refused. */
  pause?(): void;
  /** Reads again. */
  resume?(): void;
}

/** What a server passes on. */
export interface SocketEvents {
  /** A whole message came in: a text, or `undefined` for a binary one, which is refused. */
  message(text: string | undefined): void;
  /** The socket is gone. With 1000 or 1001 its peer left on purpose: nobody will come back for the reply. */
  closed(code?: number): void;
}

/** What a link is made of. */
export interface SocketLinkOptions {
  readonly socket: GatewaySocket;
  readonly ticket: Asker;
  /** Called once, when the link has ended. */
  readonly onClosed: () => void;
}

/** One WebSocket: frames in, frames out, and the limits of both. */
export class SocketLink implements SocketEvents {
  readonly #gateway: WebGateway;
  readonly #socket: GatewaySocket;
  readonly #ticket: Asker;
  readonly #onClosed: () => void;
  readonly #talk: SocketTalk;
  /** Frames that came although the socket was no longer read. */
  #held: ClientFrame[] | undefined;
  #isClosed = false;
  #stopIdle: () => void = () => undefined;
  readonly #stopChecking: () => void;

  constructor(gateway: WebGateway, { socket, ticket, onClosed }: SocketLinkOptions) {
    this.#gateway = gateway;
    this.#socket = socket;
    this.#ticket = ticket;
    this.#onClosed = onClosed;
    this.#talk = new SocketTalk(gateway, {
      asker: ticket,
      send: (frame) => this.#send(frame),
      refuse: (refusal, id) => this.#refuse(refusal, id),
      hangUp: (code, reason) => this.hangUp(code, reason),
    });
    this.#stopChecking = keepChecking(ticket, gateway.options, {
      onRevoked: () => this.hangUp(4401, 'No longer welcome'),
      onUnknown: () => this.hangUp(1013, 'Who you are could not be found out'),
    });
    this.#awaitIdle();
  }

  message(text: string | undefined): void {
    if (this.#isClosed) return;
    this.#awaitIdle();
    if (text === undefined) return this.hangUp(1003, 'Text frames only');
    const tooFast = this.#gateway.refuseRate(this.#ticket);
    if (tooFast !== undefined) {
      this.#refuse(tooFast, undefined);
      return this.hangUp(4429, 'Too many messages');
    }
    const parsed = parseUntrustedText(text);
    if (!parsed.ok) {
      this.#gateway.count('bad_json');
      return this.hangUp(1008, `The frame was refused: ${parsed.refusal}`);
    }
    const frame = parseClientFrame(parsed.value);
    if (frame.ok) return this.#take(frame.value);
    const refusal = { status: 400, code: 'bad_request', error: frame.error } as const;
    this.#refuse(refusal, idOfFrame(parsed.value));
  }

  closed(code = 1006): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopIdle();
    this.#stopChecking();
    this.#talk.close({ isLeaving: code === 1000 || code === 1001 });
    this.#onClosed();
  }

  /** Closes the socket. Who follows a session may come back for what is under way. */
  hangUp(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.closed();
  }

  /** There is room again: what was held comes first. */
  readAgain(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#socket.resume?.();
    for (const frame of held) this.#take(frame);
  }

  #take(frame: ClientFrame): void {
    if (this.#isClosed) return;
    if (this.#held !== undefined) {
      this.#held.push(frame); // a handful: what was read already when it was paused
      return;
    }
    const { channel } = this.#gateway;
    const mustWait = frame.type === 'chat' && channel.isFull && channel.isAccepting;
    if (mustWait && this.#socket.pause !== undefined) {
      this.#socket.pause();
      this.#held = [frame];
      this.#gateway.hold(this);
      return;
    }
    this.#talk.take(frame);
  }

  #refuse(refusal: Refusal, id: string | undefined): void {
    this.#gateway.count(refusal.code);
    const seconds = Number(refusal.headers?.['retry-after'] ?? Number.NaN);
    this.#send({
      type: 'error',
      error: refusal.error,
      code: refusal.code,
      ...(Number.isFinite(seconds) ? { retry_after_ms: seconds * 1_000 } : {}),
      ...(id === undefined ? {} : { id }),
    });
  }

  /** A reader who does not read is cut off at the bound: 1013 says to try again later. */
  #send(frame: ServerFrame): void {
    if (this.#isClosed) return;
    if (this.#socket.bufferedAmount > this.#gateway.options.limits.maxUnsentBytes) {
      this.hangUp(1013, 'The reader does not read');
      return;
    }
    this.#socket.send(JSON.stringify(frame));
  }

  #awaitIdle(): void {
    const { clock, limits } = this.#gateway.options;
    this.#stopIdle();
    this.#stopIdle = clock.after(limits.idleTimeoutMs, () => this.#onIdle(), { unref: true });
  }

  #onIdle(): void {
    if (this.#talk.isBusy || this.#held !== undefined) this.#awaitIdle();
    else this.hangUp(1000, 'Idle');
  }
}
