import { backoffMs } from '@sluice/core';
import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import { GatewayError } from './client-error.ts';
import type { GatewayReply } from './client.ts';
import type { ConnectionState, GatewayConnection } from './connect.ts';
import type { ResolvedConnectOptions } from './connect-options.ts';
import { Outgoing } from './outgoing.ts';
import type { ChatResponse, ServerFrame } from './protocol.ts';
import type { SentMessage } from './sent-message.ts';
import { SocketAttempt } from './socket-attempt.ts';

/** What a message may be given. */
interface SayOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One session over one socket after the other. What waits and what is under way outlives each of them. */
export class ReconnectingConnection implements GatewayConnection {
  readonly state$: Observable<ConnectionState>;
  readonly frames$: Observable<ServerFrame>;

  readonly #options: ResolvedConnectOptions;
  readonly #state = new BehaviorSubject<ConnectionState>({ status: 'connecting' });
  readonly #frames = new Subject<ServerFrame>();
  readonly #outgoing: Outgoing;
  /** Tells the ids of this connection's messages from those of others in the same session. */
  readonly #tag: string;
  #attempt: SocketAttempt | undefined;
  #session: string | undefined;
  #lastEvent: string | undefined;
  #failures = 0;
  #nextId = 0;
  #stopTimer: () => void = nothing;
  #stopListening: () => void = nothing;

  constructor(options: ResolvedConnectOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#tag = options.random.next().toString(36).slice(2, 10);
    this.state$ = this.#state.asObservable();
    this.frames$ = this.#frames.asObservable();
    this.#outgoing = new Outgoing({
      ...options.queue,
      maxInFlight: options.maxInFlight,
      send: (frame) => this.#attempt?.send(frame),
    });
  }

  get session(): string | undefined {
    return this.#session;
  }

  get state(): ConnectionState {
    return this.#state.value;
  }

  /** Connects. Call once. */
  start(): void {
    const { page } = this.#options;
    const stopWake = page.onWake(() => this.wake());
    const stopSleep = page.onSleep(() => this.#sleep());
    this.#stopListening = () => {
      stopWake();
      stopSleep();
    };
    this.#dial();
  }

  async ask(message: string, options: SayOptions = {}): Promise<ChatResponse> {
    for await (const frame of this.stream(message, options)) {
      if (frame.type !== 'response') continue;
      const { message: text, session, usage } = frame;
      return { message: text, session, usage };
    }
    throw new GatewayError('network', 'The reply ended before it was whole');
  }

  stream(message: string, options: SayOptions = {}): GatewayReply {
    return { [Symbol.asyncIterator]: () => this.#say(message, options) };
  }

  wake(): void {
    const { status } = this.state;
    if (status === 'open') this.#attempt?.probe();
    if (status === 'backoff' || status === 'asleep') this.#dial();
  }

  close(): void {
    if (this.#isOver) return;
    this.#end({ status: 'closed' }, closedError());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #isOver(): boolean {
    const { status } = this.state;
    return status === 'closed' || status === 'failed';
  }

  async *#say(message: string, { signal }: SayOptions): AsyncGenerator<ServerFrame> {
    signal?.throwIfAborted();
    const sent = this.#add(message);
    const abort = (): void => this.#takeBack(sent, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      yield* sent.frames();
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#takeBack(sent, new GatewayError('cancelled', 'Nobody reads the reply any more'));
    }
  }

  #add(message: string): SentMessage {
    if (this.state.status === 'failed') throw this.state.error;
    if (this.state.status === 'closed') throw closedError();
    const { clock, maxMessageBytes, messageTimeoutMs } = this.#options;
    this.#nextId += 1;
    const id = `${this.#tag}-${this.#nextId}`;
    const bytes = new TextEncoder().encode(
      JSON.stringify({ type: 'chat', id, message }),
    ).byteLength;
    if (bytes > maxMessageBytes) {
      throw new GatewayError('message_too_large', `A message may have ${maxMessageBytes} bytes`);
    }
    let stopTimer = nothing;
    const sent = this.#outgoing.add(id, message, () => stopTimer());
    stopTimer = clock.after(messageTimeoutMs, () => {
      this.#takeBack(sent, new GatewayError('timeout', `No reply within ${messageTimeoutMs} ms`));
    });
    return sent;
  }

  /** Ends a message that has not ended, and tells the gateway to stop its reply. */
  #takeBack(sent: SentMessage, reason: unknown): void {
    if (sent.hasEnded) return;
    if (sent.status !== 'waiting') this.#attempt?.send({ type: 'cancel', id: sent.id });
    sent.fail(reason);
  }

  #dial(): void {
    this.#stopTimer();
    this.#tell({ status: 'connecting' });
    const attempt = new SocketAttempt(this.#options, {
      onOpen: () =>
        attempt.send({
          type: 'resume',
          ...(this.#session === undefined ? {} : { session: this.#session }),
          ...(this.#lastEvent === undefined ? {} : { after: this.#lastEvent }),
        }),
      onFrame: (frame) => this.#take(frame),
      onClosed: (code) => this.#onClosed(code),
    });
    this.#attempt = attempt;
  }

  #take(frame: ServerFrame): void {
    if ('event' in frame && frame.event !== undefined) this.#lastEvent = frame.event;
    if (frame.type === 'gap' && frame.reason === 'session_unknown') this.#loseSession();
    if (frame.type === 'resumed') this.#resumed(frame);
    this.#answer(frame);
    this.#frames.next(frame);
  }

  /** Gives a frame to the message that it answers. */
  #answer(frame: ServerFrame): void {
    const sent =
      'id' in frame && frame.id !== undefined ? this.#outgoing.find(frame.id) : undefined;
    if (sent === undefined) return;
    switch (frame.type) {
      case 'accepted':
        sent.status = 'accepted';
        return sent.push(frame);
      case 'text_delta':
      case 'response':
        return sent.push(frame);
      case 'error':
        return sent.fail(
          new GatewayError(frame.code, frame.error, { retryAfterMs: frame.retry_after_ms }),
        );
      default:
        return;
    }
  }

  /** The gateway has forgotten the session: what it may have taken is not said again, or it could be done twice. */
  #loseSession(): void {
    this.#lastEvent = undefined;
    this.#outgoing.failSent(new GatewayError('session_lost', 'The gateway has lost the session'));
  }

  #resumed({ session, pending }: Extract<ServerFrame, { type: 'resumed' }>): void {
    const { clock, backoff } = this.#options;
    this.#session = session;
    this.#stopTimer = clock.after(backoff.stableAfterMs, () => {
      this.#failures = 0;
    });
    this.#attempt?.ready();
    this.#tell({ status: 'open', session });
    this.#outgoing.open(pending);
  }

  #onClosed(code: number): void {
    this.#attempt = undefined;
    this.#stopTimer();
    this.#outgoing.close();
    if (this.#isOver || this.state.status === 'asleep') return;
    const error = fatalError(code, this.#options);
    if (error !== undefined) return this.#end({ status: 'failed', error }, error);
    if (FRAME_REFUSED.has(code)) {
      // One of these was it: saying it again would be refused again. What was accepted before is answered.
      const error = new GatewayError('refused', `The gateway hung up with ${code}`);
      this.#outgoing.failSent(error, { butAccepted: true });
    }
    this.#retry();
  }

  #retry(): void {
    const { clock, random, backoff } = this.#options;
    this.#failures += 1;
    const policy = { ...backoff, factor: 2, jitter: 'full' } as const;
    const delayMs = backoffMs(policy, this.#failures, { random });
    this.#stopTimer = clock.after(delayMs, () => this.#dial());
    this.#tell({ status: 'backoff', failures: this.#failures, delayMs });
  }

  #sleep(): void {
    if (this.#isOver || this.state.status === 'asleep') return;
    this.#stopTimer();
    this.#tell({ status: 'asleep' });
    this.#attempt?.cut(ASLEEP);
  }

  #end(state: ConnectionState, error: GatewayError): void {
    this.#stopTimer();
    this.#stopListening();
    this.#tell(state);
    this.#attempt?.cut(1000);
    this.#outgoing.failAll(error);
    this.#state.complete();
    this.#frames.complete();
  }

  #tell(state: ConnectionState): void {
    if (!this.#isOver) this.#state.next(state);
  }
}

/** Not 1000: the gateway waits for who sleeps, and not for who leaves. */
const ASLEEP = 4001;

/** A frame of ours that the gateway does not take. */
const FRAME_REFUSED: ReadonlySet<number> = new Set([1003, 1008, 1009]);

/** The codes after which trying again cannot help. With a token or a ticket another one may. */
function fatalError(
  code: number,
  { getToken, getTicket }: ResolvedConnectOptions,
): GatewayError | undefined {
  if (code === 4409) return new GatewayError('replaced', 'Another reader took this place');
  const canAskAgain = getToken !== undefined || getTicket !== undefined;
  if (code !== 4401 || canAskAgain) return undefined;
  return new GatewayError('unauthorized', 'The gateway does not want this client any more');
}

function closedError(): GatewayError {
  return new GatewayError('closed', 'The connection was closed');
}

function nothing(): void {}
