import { messageId } from '@sluice/core';
import { uniqueId } from '../transport/unique-id.ts';
import type { Asker } from './asker.ts';
import type { GatewayChannel } from './channel.ts';
import { Exchange, type ReplySink } from './exchange.ts';
import type { ResolvedGatewayOptions } from './options.ts';
import type { ChatRequest } from './protocol.ts';
import { type Refusal, retryAfter } from './refusal.ts';
import type { GatewaySession } from './session.ts';
import type { GatewaySessions } from './sessions.ts';

/** A message that is about to be accepted. */
export interface Submission {
  readonly asker: Asker;
  readonly chat: ChatRequest;
  readonly sink: ReplySink;
}

/** An accepted message, or why it was not. */
export type SubmissionResult =
  | { readonly ok: true; readonly exchange: Exchange }
  | { readonly ok: false; readonly refusal: Refusal };

/** Where messages of all ways in are accepted. */
export class Submissions {
  readonly #options: ResolvedGatewayOptions;
  readonly #channel: GatewayChannel;
  readonly #sessions: GatewaySessions;
  /** Another gateway may take this one's place in its channel, where its first message must not pass for this one's. */
  readonly #tag = uniqueId();
  #nextMessage = 0;

  constructor(options: ResolvedGatewayOptions, channel: GatewayChannel, sessions: GatewaySessions) {
    this.#options = options;
    this.#channel = channel;
    this.#sessions = sessions;
  }

  /** Says why no message is taken at the moment, if so. */
  refuse(): Refusal | undefined {
    const headers = retryAfter(this.#options.limits.retryAfterMs);
    if (!this.#channel.isAccepting) return { ...UNAVAILABLE, headers };
    return this.#channel.isFull ? { ...BUSY, headers } : undefined;
  }

  /** Accepts a message: from here on it is answered, failed or left, once. */
  submit({ asker, chat, sink }: Submission): SubmissionResult {
    const refusal = this.refuse();
    if (refusal !== undefined) return { ok: false, refusal };
    const found = this.#sessionFor(asker, chat.session);
    if (!found.ok) return found;
    return { ok: true, exchange: this.#openExchange(found.session, chat.id, sink) };
  }

  /** Tells that a message was accepted, and hands it on. Apart from `submit`: the sink must know its exchange first. */
  dispatch(exchange: Exchange, text: string): void {
    exchange.accepted();
    if (exchange.isOpen) this.#channel.accept(exchange, text);
  }

  #sessionFor(
    { owner }: Asker,
    id: string | undefined,
  ):
    | { readonly ok: true; readonly session: GatewaySession }
    | { readonly ok: false; readonly refusal: Refusal } {
    if (id === undefined) return { ok: true, session: this.#sessions.create(owner) };
    const session = this.#sessions.find(id, owner);
    if (session === undefined) return { ok: false, refusal: SESSION_UNKNOWN };
    const { maxPendingPerSession, retryAfterMs } = this.#options.limits;
    if (session.pending.size < maxPendingPerSession) return { ok: true, session };
    return { ok: false, refusal: { ...TOO_MANY_PENDING, headers: retryAfter(retryAfterMs) } };
  }

  #openExchange(session: GatewaySession, label: string | undefined, sink: ReplySink): Exchange {
    this.#nextMessage += 1;
    const id = messageId(`${this.#tag}-${this.#nextMessage}`);
    const exchange = new Exchange({
      id,
      label,
      session,
      sink,
      onEnd: () => {
        stopTimer();
        session.pending.delete(exchange);
        session.release(exchange);
        this.#channel.forget(id);
      },
    });
    const { clock, limits, failureText } = this.#options;
    const stopTimer = clock.after(limits.replyTimeoutMs, () => exchange.expire(failureText), {
      unref: true,
    });
    session.pending.add(exchange);
    return exchange;
  }
}

const UNAVAILABLE: Refusal = {
  status: 503,
  code: 'unavailable',
  error: 'No messages are taken at the moment; try again soon',
};

const BUSY: Refusal = {
  status: 503,
  code: 'busy',
  error: 'Too many messages wait at the moment; try again soon',
};

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
