import { Observable, type Subscriber } from 'rxjs';
import { messageId } from '../base/id.ts';
import type {
  Channel,
  ChannelCapabilities,
  CloseReason,
  HangUpReason,
  OpenContext,
  SendOptions,
  SentRef,
  Session,
} from '../channel/channel.ts';
import { SendError } from '../channel/errors.ts';
import type { InboundMessage, OutboundMessage, ReplyAddress } from '../message/envelope.ts';

/** How one try to connect goes. `hang`: until it is aborted; `late`: it ends well, but only after `delayMs`. */
export type ScriptedOpen =
  | { readonly kind: 'ok' }
  | { readonly kind: 'fail'; readonly error: unknown }
  | { readonly kind: 'hang' }
  | { readonly kind: 'late'; readonly delayMs: number };

/** What decides about one send: return to take it, throw to fail it. May take its time. */
export type ScriptedSend = (
  message: OutboundMessage,
  options: SendOptions,
) => void | SentRef | Promise<void | SentRef>;

/** What a scripted channel does. */
export interface ScriptedChannelOptions {
  /** @defaultValue `'scripted'` */
  readonly kind?: string | undefined;
  readonly capabilities?: ChannelCapabilities | undefined;
  /** Whether messages are pushed, or given when asked for. @defaultValue `'push'` */
  readonly source?: 'push' | 'pull' | undefined;
  /** Whether a session that pushes can be held back. @defaultValue false */
  readonly canPause?: boolean | undefined;
  /** How the first tries to connect go, in order. All others are `ok`. */
  readonly opens?: readonly ScriptedOpen[] | undefined;
  /** Decides about each send. Default: all are taken. */
  readonly onSend?: ScriptedSend | undefined;
  /** Decides about each error text. Default: all are taken. */
  readonly onSendError?:
    | ((address: ReplyAddress, options: SendOptions) => void | Promise<void>)
    | undefined;
  /** How closing goes. Default: at once. */
  readonly onClose?: ((signal: AbortSignal) => void | Promise<void>) | undefined;
  /** What a session leaves for the next one. Default: nothing. */
  readonly resumeInfo?: (() => unknown) | undefined;
  /** What a session tells about having been resumed. Default: nothing. */
  readonly resumed?: boolean | undefined;
}

/** Anything that a scripted session was told to send out. */
export type ScriptedOutput =
  | {
      readonly type: 'send';
      readonly session: number;
      readonly message: OutboundMessage;
      readonly key: string | undefined;
    }
  | {
      readonly type: 'error';
      readonly session: number;
      readonly address: ReplyAddress;
      readonly text: string;
    }
  | {
      readonly type: 'edit';
      readonly session: number;
      readonly ref: SentRef;
      readonly text: string;
    }
  | { readonly type: 'typing'; readonly session: number; readonly address: ReplyAddress };

/** A channel without a transport, for tests: connecting, receiving, sending and closing go as the script says. */
export class ScriptedChannel implements Channel {
  readonly kind: string;
  readonly capabilities: ChannelCapabilities;
  /** Every session that was opened, the oldest first. */
  readonly sessions: ScriptedSession[] = [];
  /** Everything that sessions took, in order. */
  readonly outputs: ScriptedOutput[] = [];
  /** What each try to connect was given to resume. */
  readonly resumes: unknown[] = [];

  readonly #options: ScriptedChannelOptions;
  readonly #opens: ScriptedOpen[];

  constructor(options: ScriptedChannelOptions = {}) {
    this.kind = options.kind ?? 'scripted';
    this.capabilities = options.capabilities ?? {};
    this.#options = options;
    this.#opens = [...(options.opens ?? [])];
  }

  /** How often it was tried to connect. */
  get dials(): number {
    return this.resumes.length;
  }

  /** The newest session. @throws {TypeError} when none was opened yet. */
  get session(): ScriptedSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new TypeError('No session was opened yet');
    return session;
  }

  /** The texts of the final pieces that were taken, in order. */
  get replies(): readonly string[] {
    return this.outputs.flatMap((output) =>
      output.type === 'send' && output.message.body.kind === 'final'
        ? [output.message.body.text]
        : [],
    );
  }

  /** The error texts that were taken, in order. */
  get errors(): readonly string[] {
    return this.outputs.flatMap((output) => (output.type === 'error' ? [output.text] : []));
  }

  /** Adds how the next try to connect goes. */
  nextOpen(open: ScriptedOpen): void {
    this.#opens.push(open);
  }

  /** Lets a message come in by the newest session. `key` is its namespace: `a:b` or one segment. */
  say(id: string, key = 'a', more: Partial<InboundMessage> = {}): void {
    this.session.receive(inbound(id, key, more));
  }

  async open({ signal, clock, resume }: OpenContext): Promise<Session> {
    this.resumes.push(resume);
    const open = this.#opens.shift() ?? { kind: 'ok' };
    if (open.kind === 'fail') throw open.error;
    if (open.kind === 'hang') await untilAborted(signal);
    if (open.kind === 'late') {
      await new Promise<void>((resolve) => void clock.after(open.delayMs, resolve));
    }
    const session = new ScriptedSession(this.sessions.length, this.#options, this.outputs);
    this.sessions.push(session);
    return session;
  }
}

/** One connection of a scripted channel. */
export class ScriptedSession implements Session {
  readonly index: number;
  readonly source: Session['source'];
  readonly closed: Promise<CloseReason>;
  readonly resumed: boolean | undefined;
  /** The messages that were acknowledged, in order. */
  readonly acks: string[] = [];
  /** The messages of which the session was told that nothing more comes. */
  readonly finished: string[] = [];
  /** How often `receive` was called. */
  receives = 0;
  /** Whether it was told to hold back. */
  isPaused = false;
  pause?: () => void;
  resume?: () => void;
  /** How it was hung up, if it was. */
  hungUp: HangUpReason | undefined;

  readonly #options: ScriptedChannelOptions;
  readonly #outputs: ScriptedOutput[];
  readonly #waiting: InboundMessage[] = [];
  #settleClosed!: (reason: CloseReason) => void;
  #subscriber: Subscriber<InboundMessage> | undefined;
  #receiver: ((message: InboundMessage | null) => void) | undefined;
  #isOver = false;
  #refs = 0;

  constructor(index: number, options: ScriptedChannelOptions, outputs: ScriptedOutput[]) {
    this.index = index;
    this.resumed = options.resumed;
    this.#options = options;
    this.#outputs = outputs;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const push = new Observable<InboundMessage>((subscriber) => {
      this.#subscriber = subscriber;
      this.#push();
      if (this.#isOver) subscriber.complete();
      return () => {
        this.#subscriber = undefined;
      };
    });
    if (options.canPause === true) {
      this.pause = () => {
        this.isPaused = true;
      };
      this.resume = () => {
        this.isPaused = false;
        this.#push();
      };
    }
    this.source = options.source === 'pull' ? { receive: (signal) => this.#receive(signal) } : push;
  }

  /** Whether messages are taken: somebody is subscribed, or waits for the next one. */
  get isListening(): boolean {
    return this.#subscriber !== undefined || this.#receiver !== undefined;
  }

  /** Lets a message come in. */
  receive(message: InboundMessage): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver !== undefined) return receiver(message);
    this.#waiting.push(message);
    this.#push();
  }

  /** Lets the source end: no more messages come in, while replies can still go out. */
  endSource(): void {
    this.#isOver = true;
    this.#subscriber?.complete();
    this.#receiver?.(null);
  }

  /** Lets the connection end. */
  end(reason: CloseReason = { kind: 'clean' }): void {
    this.#settleClosed(reason);
  }

  async send(message: OutboundMessage, options: SendOptions): Promise<SentRef> {
    if (this.hungUp !== undefined) {
      throw new SendError('The session is closed', { retryable: false });
    }
    const ref = await this.#options.onSend?.(message, options);
    const key = options.idempotencyKey;
    this.#outputs.push({ type: 'send', session: this.index, message, key });
    this.#refs += 1;
    return ref ?? { id: `${this.index}.${this.#refs}` };
  }

  async sendError(address: ReplyAddress, text: string, options: SendOptions): Promise<void> {
    await this.#options.onSendError?.(address, options);
    this.#outputs.push({ type: 'error', session: this.index, address, text });
  }

  async edit(ref: SentRef, text: string): Promise<void> {
    this.#outputs.push({ type: 'edit', session: this.index, ref, text });
  }

  async typing(address: ReplyAddress): Promise<void> {
    this.#outputs.push({ type: 'typing', session: this.index, address });
  }

  ack(id: string): void {
    this.acks.push(id);
  }

  done({ replyTo }: ReplyAddress): void {
    this.finished.push(replyTo);
  }

  resumeInfo(): unknown {
    return this.#options.resumeInfo?.();
  }

  async close(reason: HangUpReason, signal: AbortSignal): Promise<void> {
    this.hungUp = reason;
    await this.#options.onClose?.(signal);
    this.#settleClosed({ kind: 'clean' });
  }

  /** Pushes what waits, until it is told to hold back. */
  #push(): void {
    while (!this.isPaused && this.#subscriber !== undefined) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#subscriber.next(message);
    }
  }

  async #receive(signal: AbortSignal): Promise<InboundMessage | null> {
    this.receives += 1;
    const message = this.#waiting.shift();
    if (message !== undefined) return message;
    if (this.#isOver) return null;
    return new Promise((resolve, reject) => {
      this.#receiver = resolve;
      signal.addEventListener(
        'abort',
        () => {
          this.#receiver = undefined;
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }
}

/** Makes a message that came in. `key` is its namespace, segments joined by `:`. Its text is its id unless `more` says. */
export function inbound(id: string, key = 'a', more: Partial<InboundMessage> = {}): InboundMessage {
  return { id: messageId(id), namespace: key.split(':'), text: id, ...more };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}
