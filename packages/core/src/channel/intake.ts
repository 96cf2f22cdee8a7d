import type { Subscription } from 'rxjs';
import { BoundedQueue } from '../base/bounded-queue.ts';
import type { InboundMessage } from '../message/envelope.ts';
import type { PullSource, Session } from './channel.ts';

/** What an intake needs. */
export interface IntakeOptions {
  /** How many messages of a push source may wait for room. */
  readonly bufferSize: number;
  /** Whether another message may be asked for. */
  readonly hasRoom: () => boolean;
  /** Whether a push source is to be held back while there is no room. */
  readonly holdsBack: () => boolean;
  /** Takes a message. False when there is no room for it: it is offered again after the next `wake`. */
  readonly accept: (message: InboundMessage) => boolean;
  /** Hears of a message of a push source for which not even the buffer had room. */
  readonly onRefused: (message: InboundMessage) => void;
  /** Hears once that the source ended by itself: without an error, cleanly. */
  readonly onEnded: (ending: SourceEnding) => void;
  /** Called when a close is over: no more can come. */
  readonly onChange: () => void;
}

/** How a source ended. */
export type SourceEnding =
  | { readonly kind: 'clean' }
  | { readonly kind: 'fault'; readonly error: unknown };

/** What an intake needs of a session. */
export type IntakeSession = Pick<Session, 'source' | 'pause' | 'resume'>;

/**
 * The messages of one session, by pull or by push, as one bounded stream. A pull source is not asked while there is no
 * room, so the backpressure reaches the transport; a push source fills a buffer first.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #session: IntakeSession;
  readonly #buffer: BoundedQueue<InboundMessage>;
  /** The message that was offered and not taken: first in line. */
  #inHand: InboundMessage | undefined;
  readonly #closing = new AbortController();
  #subscription: Subscription | undefined;
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #isHeldBack = false;
  #wakeReader: (() => void) | undefined;

  constructor(session: IntakeSession, options: IntakeOptions) {
    this.#session = session;
    this.#options = options;
    this.#buffer = new BoundedQueue(options.bufferSize, 'reject');
  }

  /** Whether nothing that was taken from the transport still waits for room, and no more can come. */
  get isDone(): boolean {
    return this.#closing.signal.aborted && !this.#isReading && this.isFlushed;
  }

  /** Begins to take messages. Call once. */
  open(): void {
    const { source } = this.#session;
    if ('receive' in source) this.#reading = this.#read(source);
    else this.#subscribe(source);
  }

  /** Says that there may be room again. */
  wake(): void {
    this.#flush();
    if (this.isFlushed && this.#options.hasRoom()) this.#wakeReader?.();
    this.#throttle();
  }

  /** Takes no more. Resolves once the transport's receive call has really returned; what it still gave is taken. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#subscription?.unsubscribe();
    this.#wakeReader?.();
    this.#throttle(); // what else goes over the connection must not stand still
    await this.#reading;
    this.#options.onChange();
  }

  /** Whether nothing that was taken waits for room. */
  get isFlushed(): boolean {
    return this.#inHand === undefined && this.#buffer.size === 0;
  }

  #subscribe(source: Exclude<Session['source'], PullSource>): void {
    this.#subscription = source.subscribe({
      next: (message) => this.#push(message),
      error: (error: unknown) => this.#options.onEnded({ kind: 'fault', error }),
      complete: () => this.#options.onEnded({ kind: 'clean' }),
    });
    if (this.#closing.signal.aborted) this.#subscription.unsubscribe(); // closed from inside the first message
    this.#throttle();
  }

  /** RxJS would turn a throw into an uncaught exception; here it ends the source, as it does where messages are pulled. */
  #push(message: InboundMessage): void {
    try {
      const isTaken = this.isFlushed && this.#options.accept(message);
      const isLost = !isTaken && this.#buffer.push(message).kind === 'rejected';
      if (isLost) this.#options.onRefused(message);
    } catch (error) {
      this.#options.onEnded({ kind: 'fault', error });
    }
    this.#throttle();
  }

  /** Holds a push source back, or lets it go on, where that differs from how it is. */
  #throttle(): void {
    if (this.#subscription === undefined) return;
    const { hasRoom, holdsBack, onEnded } = this.#options;
    const isPressed = !this.isFlushed || !hasRoom();
    const mustWait = isPressed && holdsBack() && !this.#closing.signal.aborted;
    if (mustWait === this.#isHeldBack) return;
    this.#isHeldBack = mustWait;
    try {
      if (mustWait) this.#session.pause?.();
      else this.#session.resume?.();
    } catch (error) {
      onEnded({ kind: 'fault', error });
    }
  }

  async #read(source: PullSource): Promise<void> {
    this.#isReading = true;
    const ending = await this.#readUntilEnd(source);
    this.#isReading = false;
    if (ending !== undefined && !this.#closing.signal.aborted) this.#options.onEnded(ending);
  }

  async #readUntilEnd(source: PullSource): Promise<SourceEnding | undefined> {
    const { signal } = this.#closing;
    try {
      for (;;) {
        await this.#room();
        if (signal.aborted) return undefined;
        const message = await source.receive(signal);
        if (message === null) return { kind: 'clean' };
        if (!this.#options.accept(message)) this.#inHand = message;
      }
    } catch (error) {
      return { kind: 'fault', error };
    }
  }

  async #room(): Promise<void> {
    while (!this.#closing.signal.aborted && !(this.isFlushed && this.#options.hasRoom())) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
  }

  #flush(): void {
    for (;;) {
      this.#inHand ??= this.#buffer.shift();
      const message = this.#inHand;
      if (message === undefined) return;
      this.#inHand = undefined; // before it is offered: accepting may call `wake` again
      if (!this.#options.accept(message)) {
        this.#inHand = message;
        return;
      }
    }
  }
}
