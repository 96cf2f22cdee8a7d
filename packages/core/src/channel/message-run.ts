import { type LinkedAbort, linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { ChannelId } from '../base/id.ts';
import type { DeadLetterReason } from '../events/channel-event.ts';
import type { InboundMessage, OutboundUsage, ReplyAddress } from '../message/envelope.ts';
import { busyOf } from './busy.ts';
import type { Connection } from './connection.ts';
import { HandlerTimeoutError } from './errors.ts';
import type { MessageContext, MessageHandler, Reply } from './handler.ts';
import { INTERRUPTED } from './keyed-queue.ts';
import type { AcceptedMessage } from './accepted-message.ts';
import type { Outbox } from './outbox.ts';
import { type ReplyThread, replyThread } from './reply-thread.ts';
import { startTyping, type TypingGuard } from './typing.ts';

/** How a message ended. */
export type Outcome =
  | { readonly kind: 'replied' | 'ignored' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly error?: unknown };

/** What a run needs. */
export interface MessageRunPorts {
  readonly channel: ChannelId;
  readonly handler: MessageHandler;
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** How long the handler may take, in milliseconds. */
  readonly handlerTimeoutMs: number;
  /** What the sender reads when the handler throws. */
  readonly errorText: string;
  readonly route: (thread: ReplyThread) => Connection | undefined;
}

/** What was said, and how its delivery goes. */
interface Answer {
  readonly kind: 'final' | 'error';
  readonly cause?: unknown;
  readonly sent: Promise<void>;
}

/** One message, or one batch, from the handler's call to the end of its reply. Runs once. */
export class MessageRun {
  readonly #ports: MessageRunPorts;
  readonly #batch: readonly AcceptedMessage[];
  readonly #thread: ReplyThread;
  #answer: Answer | undefined;
  #deadReason: DeadLetterReason | undefined;
  #typing: TypingGuard | undefined;
  /** Whether its time was over before it had answered: what it says from then on goes nowhere. */
  #isTimedOut = false;

  constructor(ports: MessageRunPorts, batch: readonly AcceptedMessage[]) {
    this.#ports = ports;
    this.#batch = batch;
    const { runId, message, connection } = newestOf(batch);
    this.#thread = replyThread(runId, addressOf(message), connection);
  }

  /** Calls the handler, sees its reply delivered, and tells how the message ended. Never rejects. */
  async execute(turn: AbortSignal): Promise<Outcome> {
    const [only, ...others] = this.#batch;
    // Of several messages none takes the others with it when its sender leaves.
    const link = linkedAbort(turn, others.length === 0 ? only?.message.signal : undefined);
    try {
      if (link.signal.aborted) return { kind: 'failed', error: link.signal.reason };
      return await this.#handle(link);
    } finally {
      this.#typing?.stop();
      this.#ports.outbox.drop(this.#thread);
      link[Symbol.dispose]();
    }
  }

  async #handle(link: LinkedAbort): Promise<Outcome> {
    const { clock, route } = this.#ports;
    const { signal } = link;
    const address = this.#thread.address;
    this.#typing = startTyping({ clock, address, connection: () => route(this.#thread) });
    try {
      await this.#callHandler(this.#context(signal, this.#typing), link);
    } catch (error) {
      this.#typing.stop();
      return this.#afterThrow(error, signal);
    }
    this.#typing.stop();
    return this.#afterReturn(signal);
  }

  /** Resolves when the handler has ended, or has answered and its time is over; rejects when that is over before. */
  #callHandler(context: MessageContext, link: LinkedAbort): Promise<void> {
    const { clock, handler, handlerTimeoutMs } = this.#ports;
    return new Promise((resolve, reject) => {
      const onTimeout = (): void => {
        this.#isTimedOut = this.#answer === undefined && !link.signal.aborted;
        link.abort(new HandlerTimeoutError(handlerTimeoutMs));
        if (this.#answer === undefined) reject(link.signal.reason);
        else resolve();
      };
      const cancel = clock.after(handlerTimeoutMs, onTimeout, { unref: true });
      newestOf(this.#batch).stopWaiting = cancel; // a handler that was told to stop may never end
      const call = async (): Promise<void> => handler(joined(this.#batch), context);
      call().then(
        () => {
          cancel();
          resolve();
        },
        (error: unknown) => {
          cancel();
          reject(error);
        },
      );
    });
  }

  async #afterReturn(signal: AbortSignal): Promise<Outcome> {
    const answer = this.#answer;
    const failure = answer === undefined ? undefined : await failureOf(answer.sent);
    if (this.#deadReason !== undefined) return { kind: 'dead', reason: this.#deadReason };
    if (answer === undefined) {
      return signal.reason === INTERRUPTED ? superseded : { kind: 'ignored' };
    }
    if (answer.kind === 'error') return afterErrorText(answer.cause ?? noCause(), failure);
    if (failure === undefined) return { kind: 'replied' };
    return { kind: 'dead', reason: 'send-failed', error: failure.error };
  }

  async #afterThrow(error: unknown, signal: AbortSignal): Promise<Outcome> {
    const answer = this.#answer;
    if (answer?.kind === 'error') {
      return afterErrorText(answer.cause ?? error, await failureOf(answer.sent));
    }
    if (answer !== undefined) {
      const failure = await failureOf(answer.sent);
      if (failure === undefined) return { kind: 'failed', error };
      return { kind: 'dead', reason: 'send-failed', error: failure.error };
    }
    if (this.#deadReason !== undefined) return { kind: 'dead', reason: this.#deadReason, error };
    if (signal.reason === INTERRUPTED) return superseded;
    if (signal.aborted && !this.#isTimedOut) return { kind: 'failed', error }; // nobody waits for a text any more
    const { outbox, errorText } = this.#ports;
    const told = outbox.error(this.#thread, errorText, busyOf(error));
    return afterErrorText(error, await failureOf(told));
  }

  #context(signal: AbortSignal, typing: TypingGuard): MessageContext {
    const { runId, attempt, connection } = newestOf(this.#batch);
    return {
      channel: this.#ports.channel,
      runId,
      signal,
      attempt,
      generation: connection.generation,
      batch: this.#batch.map(({ message }) => message),
      reply: this.#reply(signal),
      typing,
      deadLetter: (reason) => {
        this.#deadReason ??= reason;
      },
    };
  }

  /** A handler may come back after its message was given up: what it says then goes nowhere. */
  #reply(signal: AbortSignal): Reply {
    const { outbox } = this.#ports;
    const isGivenUp = (): boolean => this.#isTimedOut || newestOf(this.#batch).isSettled;
    const answer = async (kind: Answer['kind'], send: () => Promise<void>, cause?: unknown) => {
      if (isGivenUp()) throw signal.reason;
      return this.#answerOnce({ kind, cause }, send);
    };
    return {
      delta: (text) => {
        if (this.#answer === undefined && !isGivenUp()) outbox.delta(this.#thread, text);
      },
      final: (text, usage?: OutboundUsage) =>
        answer('final', () => outbox.final(this.#thread, text, usage)),
      error: (text, cause) => answer('error', () => outbox.error(this.#thread, text), cause),
    };
  }

  async #answerOnce(answer: Omit<Answer, 'sent'>, send: () => Promise<void>): Promise<void> {
    if (this.#answer !== undefined) throw new TypeError('This message was answered already');
    this.#typing?.stop();
    const sent = send();
    this.#answer = { ...answer, sent };
    return sent;
  }
}

const superseded: Outcome = { kind: 'dead', reason: 'superseded' };

/** Whom a reply to `message` is for. */
export function addressOf({ id, namespace, destination }: InboundMessage): ReplyAddress {
  const address = { replyTo: id, namespace };
  return destination === undefined ? address : { ...address, destination };
}

/** The sender was told that something went wrong, or not even that could be delivered. */
function afterErrorText(error: unknown, failure: { readonly error: unknown } | undefined): Outcome {
  if (failure === undefined) return { kind: 'failed', error };
  return { kind: 'dead', reason: 'handler-failed', error };
}

async function failureOf(sent: Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await sent;
    return undefined;
  } catch (error) {
    return { error };
  }
}

function noCause(): Error {
  return new Error('The handler answered with an error text');
}

/** The newest whose sender is still there. */
function newestOf(batch: readonly AcceptedMessage[]): AcceptedMessage {
  const newest = batch[batch.length - 1] as AcceptedMessage; // a turn has at least one
  return batch.findLast(({ message }) => message.signal?.aborted !== true) ?? newest;
}

/** Several messages as one: the newest, with the text of all. */
function joined(batch: readonly AcceptedMessage[]): InboundMessage {
  const { message } = newestOf(batch);
  if (batch.length === 1) return message;
  return { ...message, text: batch.map((accepted) => accepted.message.text).join('\n') };
}
