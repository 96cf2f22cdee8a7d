import {
  ChannelFailedError,
  type Clock,
  type CloseReason,
  type HangUpReason,
  Heartbeat,
  type InboundMessage,
  type MessageId,
  type OutboundMessage,
  type ReplyAddress,
  SendError,
  type SendOptions,
  type Session,
} from '@sluice/core';
import type { Observable } from 'rxjs';
import {
  type ChannelFrame,
  type ErrorFrame,
  type FinalFrame,
  FrameError,
  type PeerFrame,
  type PeerMessage,
  refusalOf,
} from './frame.ts';
import { errorFrame, inboundOf, ownId, replyFrame } from './frame-message.ts';
import { HeldSource } from './held-source.ts';
import { Receipts } from './receipts.ts';
import { uniqueId } from './unique-id.ts';

/** How many messages are held until somebody takes them. */
const HELD_MESSAGES = 100;

/** What a session of frames is made of. */
export interface FrameSessionOptions {
  /** The first segment of every namespace. */
  readonly kind: string;
  /** Hands a frame to the peer, or to the one of many that `to` names. @throws {SendError} when it cannot. */
  readonly write: (frame: ChannelFrame, to: string | undefined) => void;
  /** Ends the connection itself, also a second time. Resolves when nothing is left, or soon after `signal` is aborted. */
  readonly hangUp: (signal: AbortSignal) => Promise<void>;
  /** Stops reading, and goes on. Default: it cannot. */
  readonly throttle?: { readonly pause: () => void; readonly resume: () => void } | undefined;
  /** Whether a final piece counts as sent only when the peer says `received`. Default false. */
  readonly confirm?: boolean | undefined;
  /** Beats, and ends the session when a beat is not answered. Default: never. */
  readonly heartbeat?: { readonly clock: Clock; readonly intervalMs: number } | undefined;
  /** Hears of each frame that was refused because it made no sense. It must not throw. Default: the peer alone. */
  readonly onBadFrame?: ((error: FrameError) => void) | undefined;
}

/** One connection over which frames go, whatever carries them. */
export class FrameSession implements Session {
  readonly source: Observable<InboundMessage>;
  readonly closed: Promise<CloseReason>;
  readonly pause?: () => void;
  readonly resume?: () => void;

  readonly #id: string = uniqueId();
  readonly #options: FrameSessionOptions;
  readonly #inbox: HeldSource<InboundMessage>;
  readonly #receipts = new Receipts();
  #heartbeat: Heartbeat | undefined;
  #settleClosed!: (reason: CloseReason) => void;
  #isOpen = true;
  /** While nothing is read, nobody can show that they are there. */
  #isHeldBack = false;

  constructor(options: FrameSessionOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#inbox = new HeldSource(HELD_MESSAGES, () => this.#greet(undefined));
    this.source = this.#inbox.items$;
    const { throttle } = options;
    if (throttle === undefined) return;
    this.pause = () => this.#hold(true, throttle.pause);
    this.resume = () => this.#hold(false, throttle.resume);
  }

  /** Begins to beat, where it is to. Call once the connection is open. */
  beat(): void {
    const { heartbeat } = this.#options;
    if (heartbeat === undefined || !this.#isOpen) return;
    const silent = new ChannelFailedError('The peer does not answer', { reason: 'zombie' });
    this.#heartbeat = new Heartbeat({
      ...heartbeat,
      beat: () => {
        this.#tell({ type: 'ping' });
        if (this.#isHeldBack) this.#heartbeat?.answered();
      },
      onZombie: () => this.end({ kind: 'fault', error: silent }),
    });
  }

  /** Takes a frame that came in: `read` reads it, and throws when it makes no sense. `from` names one of many peers. */
  receive(read: () => PeerFrame, from?: string): void {
    if (!this.#isOpen) return;
    this.#heartbeat?.answered(); // whatever came, somebody is there
    try {
      this.#take(read(), from);
    } catch (error) {
      if (!FrameError.is(error)) throw error;
      this.#tell(refusalOf(error), from);
      this.#options.onBadFrame?.(error);
    }
  }

  /** Notes that the connection has ended. */
  end(reason: CloseReason): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#heartbeat?.[Symbol.dispose]();
    this.#receipts.fail(() => new SendError('The connection ended before this was received'));
    this.#settleClosed(reason);
    this.#inbox.end();
  }

  async send(message: OutboundMessage, options: SendOptions): Promise<void> {
    const frame = replyFrame(message, options.idempotencyKey);
    if (frame.type === 'delta') this.#write(frame, message.destination);
    else await this.#deliver(frame, message, options);
  }

  async sendError(address: ReplyAddress, text: string, options: SendOptions): Promise<void> {
    await this.#deliver(errorFrame(address, text, options.idempotencyKey), address, options);
  }

  /** Only where there is one peer: of many, each has an order of its own, and "all before it" would say too much. */
  ack(id: MessageId): void {
    this.#tell({ type: 'ack', id });
  }

  done(address: ReplyAddress): void {
    this.#tell({ type: 'done', replyTo: ownId(address) }, address.destination);
  }

  async close(_: HangUpReason, signal: AbortSignal): Promise<void> {
    this.#tell({ type: 'bye' });
    this.end({ kind: 'clean' });
    await this.#options.hangUp(signal);
  }

  #take(frame: PeerFrame, from: string | undefined): void {
    switch (frame.type) {
      case 'join':
        return this.#inbox.isListening ? this.#greet(from) : undefined;
      case 'message':
        return this.#offer(frame, from);
      case 'received':
        return this.#receipts.settle(frame.key);
      case 'ping':
        return this.#tell({ type: 'pong' }, from);
      case 'pong':
        return;
      case 'bye':
        if (from === undefined) this.end({ kind: 'clean' });
        return;
    }
  }

  #offer(frame: PeerMessage, from: string | undefined): void {
    const isForThis = frame.session === undefined || frame.session === this.#id;
    const message = inboundOf(frame, this.#options.kind, from);
    const offered = isForThis ? this.#inbox.offer(message) : 'unavailable';
    if (offered !== 'taken') this.#tell({ type: 'refused', reason: offered, id: frame.id }, from);
  }

  #greet(to: string | undefined): void {
    this.#tell({ type: 'hello', session: this.#id }, to);
  }

  async #deliver(
    frame: FinalFrame | ErrorFrame,
    { destination }: ReplyAddress,
    { signal }: SendOptions,
  ): Promise<void> {
    signal.throwIfAborted();
    this.#write(frame, destination);
    if (this.#options.confirm !== true || frame.key === undefined) return;
    await this.#receipts.wait(frame.key, signal);
  }

  #write(frame: ChannelFrame, to: string | undefined): void {
    if (!this.#isOpen) throw new SendError('The connection is closed');
    this.#options.write(frame, to);
  }

  /** Says something of which nothing depends: where it does not arrive, the connection is about to end. */
  #tell(frame: ChannelFrame, to?: string): void {
    try {
      this.#write(frame, to);
    } catch (error) {
      if (!SendError.is(error)) throw error;
    }
  }

  #hold(isHeldBack: boolean, change: () => void): void {
    this.#isHeldBack = isHeldBack;
    change();
  }
}
