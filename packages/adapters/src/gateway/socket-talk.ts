import type { Asker } from './asker.ts';
import type { Exchange, ReplySink } from './exchange.ts';
import type { WebGateway } from './gateway.ts';
import type { ClientFrame, GoodbyeReason, ResumeFrame, ServerFrame } from './protocol.ts';
import type { Refusal } from './refusal.ts';
import type { GatewaySession, SessionReader } from './session.ts';
import type { LoggedFrame } from './session-log.ts';

/** What a talk needs of its socket. */
export interface SocketTalkOptions {
  readonly asker: Asker;
  readonly send: (frame: ServerFrame) => void;
  readonly refuse: (refusal: Refusal, id: string | undefined) => void;
  readonly hangUp: (code: number, reason: string) => void;
}

type ChatFrame = Extract<ClientFrame, { type: 'chat' }>;

/**
 * What is said over one WebSocket. Its messages belong to one session unless they name another. A socket that asked to
 * `resume` follows its session: replies then belong to the session and outlive the socket. Otherwise they end with it.
 */
export class SocketTalk implements SessionReader {
  readonly #gateway: WebGateway;
  readonly #options: SocketTalkOptions;
  /** Messages whose replies end with this socket. */
  readonly #own = new Set<Exchange>();
  #session: string | undefined;
  #followed: GatewaySession | undefined;

  constructor(gateway: WebGateway, options: SocketTalkOptions) {
    this.#gateway = gateway;
    this.#options = options;
  }

  /** Whether a reply is under way. */
  get isBusy(): boolean {
    return this.#own.size > 0 || (this.#followed?.underWay.length ?? 0) > 0;
  }

  /** Does what the client asks for. */
  take(frame: ClientFrame): void {
    switch (frame.type) {
      case 'chat':
        return this.#chat(frame);
      case 'resume':
        return this.#resume(frame);
      case 'cancel':
        return this.#cancel(frame.id);
      case 'ping':
        return this.#options.send({ type: 'pong' });
      default:
        frame satisfies never;
    }
  }

  /** Passes on what happens in the followed session. */
  frame({ frame, event }: LoggedFrame): void {
    this.#options.send({ ...frame, event });
  }

  end(reason: GoodbyeReason): void {
    this.#followed = undefined;
    if (reason === 'replaced') this.#options.hangUp(4409, 'Another reader took this place');
    else this.#options.hangUp(1001, 'The session has ended');
  }

  /** Lets go of everything: the socket is closed. */
  close({ isLeaving }: { readonly isLeaving: boolean }): void {
    for (const exchange of this.#own) exchange.leave();
    this.#own.clear();
    this.#followed?.detach(this, { isLeaving });
    this.#followed = undefined;
  }

  #chat(frame: ChatFrame): void {
    const followed = this.#followed;
    const session = frame.session ?? followed?.id ?? this.#session;
    if (followed !== undefined && session === followed.id) {
      return this.#chatAsFollower(frame, followed);
    }
    const sink = this.#sink();
    const { asker } = this.#options;
    const result = this.#gateway.submissions.submit({ asker, chat: { ...frame, session }, sink });
    if (!result.ok) return this.#options.refuse(result.refusal, frame.id);
    const { exchange } = result;
    this.#session = exchange.session.id;
    this.#own.add(exchange);
    sink.exchange = exchange;
    this.#gateway.submissions.dispatch(exchange, frame.message);
  }

  /** What a follower says again, because it did not hear whether it was taken, is not answered twice. */
  #chatAsFollower(frame: ChatFrame, session: GatewaySession): void {
    const before = frame.id === undefined ? undefined : session.known(frame.id);
    if (before === 'ended') return this.#options.refuse(ANSWERED, frame.id);
    if (before !== undefined) {
      return this.#options.send({ type: 'accepted', session: session.id, ...withId(frame.id) });
    }
    const { asker } = this.#options;
    const chat = { ...frame, session: session.id };
    const result = this.#gateway.submissions.submit({ asker, chat, sink: UNHEARD });
    if (!result.ok) return this.#options.refuse(result.refusal, frame.id);
    session.adopt(result.exchange);
    this.#gateway.submissions.dispatch(result.exchange, frame.message);
  }

  #resume({ session: id, after }: ResumeFrame): void {
    const { owner } = this.#options.asker;
    const { sessions } = this.#gateway;
    const found = id === undefined ? undefined : sessions.find(id, owner);
    const session = found ?? sessions.create(owner);
    this.#followed?.detach(this, { isLeaving: false });
    this.#followed = session;
    const { frames, gap } = session.attach(this, after);
    const reason = id !== undefined && found === undefined ? 'session_unknown' : gap;
    const { latest: event } = session.log;
    if (reason !== undefined) this.#options.send({ type: 'gap', session: session.id, reason });
    for (const logged of frames) this.frame(logged);
    const pending = session.underWay; // last: now the follower knows all that there is to know
    this.#options.send({ type: 'resumed', session: session.id, event, pending });
  }

  #cancel(id: string): void {
    const followed = this.#followed?.known(id);
    if (followed === 'ended') return;
    if (followed !== undefined) return followed.leave();
    for (const exchange of this.#own) {
      if (exchange.label !== id) continue;
      this.#own.delete(exchange);
      exchange.leave();
    }
  }

  #sink(): ReplySink & { exchange?: Exchange } {
    const sink: ReplySink & { exchange?: Exchange } = {
      frame: ({ frame }) => {
        const isLast = frame.type === 'response' || frame.type === 'error';
        if (isLast && sink.exchange !== undefined) this.#own.delete(sink.exchange);
        this.#options.send(frame);
      },
    };
    return sink;
  }
}

/** Followers hear of a reply as of everything else in their session. */
const UNHEARD: ReplySink = { frame: () => undefined };

const ANSWERED: Refusal = {
  status: 409,
  code: 'duplicate',
  error: 'This message was answered before',
};

function withId(id: string | undefined): { readonly id?: string } {
  return id === undefined ? {} : { id };
}
