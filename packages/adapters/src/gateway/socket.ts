import type { Exchange, ReplySink } from './exchange.ts';
import type { SocketTicket, WebGateway } from './gateway.ts';
import { parseUntrustedText } from './json.ts';
import { type ClientFrame, parseClientFrame, type ServerFrame, wireUsage } from './protocol.ts';
import type { Refusal } from './refusal.ts';

/** What a gateway needs of a server's WebSocket. */
export interface GatewaySocket {
  /** Bytes that were handed over and not sent yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a server passes on. */
export interface SocketEvents {
  /** A whole message came in: a text, or `undefined` for a binary one, which is refused. */
  message(text: string | undefined): void;
  /** The socket is gone. */
  closed(): void;
}

type ChatFrame = Extract<ClientFrame, { type: 'chat' }>;

/** What a link is made of. */
export interface SocketLinkOptions {
  readonly socket: GatewaySocket;
  readonly ticket: SocketTicket;
  /** Called once, when the link has ended. */
  readonly onClosed: () => void;
}

/** One WebSocket: frames in, frames out. Its messages belong to one session unless they name another. */
export class SocketLink implements SocketEvents {
  readonly #gateway: WebGateway;
  readonly #socket: GatewaySocket;
  readonly #ticket: SocketTicket;
  readonly #onClosed: () => void;
  readonly #exchanges = new Set<Exchange>();
  #session: string | undefined;
  #isClosed = false;
  #stopIdle: () => void = () => undefined;

  constructor(gateway: WebGateway, { socket, ticket, onClosed }: SocketLinkOptions) {
    this.#gateway = gateway;
    this.#socket = socket;
    this.#ticket = ticket;
    this.#onClosed = onClosed;
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
    if (!parsed.ok) return this.hangUp(1008, `The frame was refused: ${parsed.refusal}`);
    const frame = parseClientFrame(parsed.value);
    if (!frame.ok) return this.#send({ type: 'error', error: frame.error, code: 'bad_request' });
    if (frame.value.type === 'ping') return this.#send({ type: 'pong' });
    this.#chat(frame.value);
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopIdle();
    for (const exchange of this.#exchanges) exchange.leave();
    this.#exchanges.clear();
    this.#onClosed();
  }

  /** Closes the socket; whoever works on its messages is told to stop. */
  hangUp(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.closed();
  }

  #chat(frame: ChatFrame): void {
    const sink = this.#sinkFor(frame.id);
    const result = this.#gateway.submit({
      asker: this.#ticket,
      session: frame.session ?? this.#session,
      sink,
    });
    if (!result.ok) return this.#refuse(result.refusal, frame.id);
    const { exchange } = result;
    this.#session = exchange.session.id;
    this.#exchanges.add(exchange);
    sink.exchange = exchange;
    this.#send({ type: 'accepted', session: exchange.session.id, ...withId(frame.id) });
    this.#gateway.dispatch(exchange, frame.message);
  }

  #sinkFor(id: string | undefined): ReplySink & { exchange?: Exchange } {
    const finish = (sink: { exchange?: Exchange }): void => {
      if (sink.exchange !== undefined) this.#exchanges.delete(sink.exchange);
    };
    const sink: ReplySink & { exchange?: Exchange } = {
      delta: (text) => this.#send({ type: 'text_delta', content: text, ...withId(id) }),
      final: (text, usage) => {
        finish(sink);
        const session = sink.exchange?.session.id ?? '';
        this.#send({
          type: 'response',
          message: text,
          session,
          usage: wireUsage(usage),
          ...withId(id),
        });
      },
      fail: (code, text) => {
        finish(sink);
        this.#send({ type: 'error', error: text, code, ...withId(id) });
      },
    };
    return sink;
  }

  #refuse(refusal: Refusal, id: string | undefined): void {
    this.#send({ type: 'error', error: refusal.error, code: refusal.code, ...withId(id) });
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
    this.#stopIdle = clock.after(
      limits.idleTimeoutMs,
      () => (this.#exchanges.size > 0 ? this.#awaitIdle() : this.hangUp(1000, 'Idle')),
      { unref: true },
    );
  }
}

function withId(id: string | undefined): { readonly id?: string } {
  return id === undefined ? {} : { id };
}
