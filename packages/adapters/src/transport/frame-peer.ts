import { isSluiceError, SluiceError } from '@sluice/core';
import { isRecord, textAt } from './json.ts';
import type { PeerFrame, PeerMessage } from './frame.ts';
import { uniqueId } from './unique-id.ts';

/** How one message is sent. */
export interface AskOptions {
  /** Stops waiting for the reply. The channel works on: it is not told. */
  readonly signal?: AbortSignal | undefined;
  /** Which of this peer's conversations it belongs to. Default: its only one. */
  readonly conversation?: string | undefined;
  /** For routing. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Hears each piece of the growing reply. */
  readonly onDelta?: ((text: string) => void) | undefined;
}

/** The other end of a channel. */
export interface ChannelPeer {
  /**
   * Sends a message and resolves with the whole reply. While the channel takes no messages it waits; whenever the channel
   * begins to take them, all that were not answered are sent again, in their order. The channel answers each once.
   *
   * @throws {PeerError} when it is refused or fails, when too many wait, or when the peer is closed. An abort rejects with
   * the signal's reason.
   */
  ask(text: string, options?: AskOptions): Promise<string>;
  /** Takes its leave: whoever still waits is told by a `PeerError`. */
  close(): void;
}

/** A message that was not answered. `reason` is one word: `failed`, `ignored`, `closed`, `full`, or a frame's flaw. */
export class PeerError extends SluiceError {
  override readonly name = 'PeerError';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super('PEER_FAILED', message, { retryable: reason === 'full' || reason === 'failed' });
    this.reason = reason;
  }

  static override is(error: unknown): error is PeerError {
    return isSluiceError(error, 'PEER_FAILED');
  }
}

/** How many messages may wait for their replies. */
const MAX_PENDING = 100;

/** What a peer is made of. */
export interface FramePeerOptions {
  /** Hands a frame to the channel. */
  readonly write: (frame: PeerFrame) => void;
  /** Ends the connection itself. */
  readonly hangUp: () => void;
}

interface Pending {
  readonly message: PeerMessage;
  readonly onDelta: ((text: string) => void) | undefined;
  readonly resolve: (text: string) => void;
  readonly reject: (reason: unknown) => void;
}

/** Speaks with a channel in frames, whatever carries them. */
export class FramePeer implements ChannelPeer {
  readonly #options: FramePeerOptions;
  readonly #pending = new Map<string, Pending>();
  /** The session that takes messages now, if there is one. */
  #session: string | undefined;
  #isOpen = true;

  constructor(options: FramePeerOptions) {
    this.#options = options;
  }

  /** Asks the channel whether it is there. Call once, when `receive` can be called. */
  join(): void {
    this.#options.write({ type: 'join' });
  }

  async ask(text: string, options: AskOptions = {}): Promise<string> {
    const { signal, onDelta, conversation, metadata } = options;
    signal?.throwIfAborted();
    if (!this.#isOpen) throw new PeerError('closed', 'This end of the channel is closed');
    if (this.#pending.size >= MAX_PENDING) {
      throw new PeerError('full', `${MAX_PENDING} messages wait for their replies already`);
    }
    const id = uniqueId();
    const message: PeerMessage = { type: 'message', id, text, conversation, metadata };
    const onAbort = (): void => this.#pending.get(id)?.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#pending.set(id, { message, onDelta, resolve, reject });
        this.#send(message);
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.write({ type: 'bye' });
    this.#options.hangUp();
    for (const { reject } of this.#pending.values()) {
      reject(new PeerError('closed', 'This end was closed before the reply came'));
    }
  }

  /** Takes a frame of the channel. Whatever makes no sense is left alone: it may be meant for a newer version. */
  receive(frame: unknown): void {
    if (!this.#isOpen || !isRecord(frame)) return;
    const { type } = frame;
    if (type === 'ping') return this.#options.write({ type: 'pong' });
    if (type === 'hello') return this.#sendAgain(textAt(frame, 'session'));
    if (type === 'bye') return this.#sendAgain(undefined);
    const waiting = this.#pending.get(textAt(frame, type === 'refused' ? 'id' : 'replyTo') ?? '');
    if (waiting === undefined) return;
    const text = textAt(frame, 'text') ?? '';
    if (type === 'delta') waiting.onDelta?.(text);
    else if (type === 'final') waiting.resolve(text);
    else if (type === 'error') waiting.reject(new PeerError('failed', text));
    else if (type === 'done') waiting.reject(new PeerError('ignored', 'Nobody answers this'));
    else if (type === 'refused') this.#refused(waiting, textAt(frame, 'reason') ?? 'unavailable');
  }

  /** Sends a message, unless nobody takes it: then it is sent at the next `hello`. */
  #send(message: PeerMessage): void {
    const session = this.#session;
    if (session !== undefined) this.#options.write({ ...message, session });
  }

  #sendAgain(session: string | undefined): void {
    this.#session = session;
    for (const { message } of this.#pending.values()) this.#send(message);
  }

  /** Where nobody takes messages just now, the message waits for the next `hello`. */
  #refused(waiting: Pending, reason: string): void {
    if (reason === 'unavailable') return;
    waiting.reject(new PeerError(reason, `The message was refused: ${reason}`));
  }
}
