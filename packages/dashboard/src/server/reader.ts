import { HEARTBEAT } from './frames.ts';
import { LIMITS, type ServerTime } from './options.ts';

/** How a reader's stream is fed. */
export interface ReaderOptions {
  readonly time: ServerTime;
  /** What it is given first, however much that is. */
  readonly opening: readonly Uint8Array[];
  /** What a reader who fell behind is given to go on: a gap and a whole picture. */
  readonly catchUp: () => readonly Uint8Array[];
  /** Called once, when the stream has ended. */
  readonly onEnd: () => void;
}

/**
 * One reader's stream, bounded. A reader who does not keep up is not sent a growing backlog: once it has read all that
 * was under way it gets a gap and a new snapshot, whose counts are exact. One that does not get there is cut off.
 */
export class Reader {
  /** What it reads. Cancelling it ends the stream. */
  readonly body: ReadableStream<Uint8Array>;

  readonly #options: ReaderOptions;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isBehind = false;
  #hasEnded = false;
  #stopHeartbeat: () => void = () => undefined;
  #stopStallTimer: () => void = () => undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          for (const bytes of options.opening) controller.enqueue(bytes);
        },
        pull: () => this.#pulled(),
        cancel: () => this.#end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: LIMITS.unsentBytes }),
    );
    this.#beat();
  }

  /** Sends a frame, unless the reader is behind: then it will get the whole picture instead. */
  send(bytes: Uint8Array): void {
    if (this.#hasEnded || this.#isBehind) return;
    if (this.#room() > 0) {
      this.#controller.enqueue(bytes);
      return;
    }
    this.#isBehind = true;
    const cut = (): void => this.#fail(new Error('The reader does not keep up'));
    this.#stopStallTimer = this.#options.time.after(LIMITS.stalledMs, cut, { unref: true });
  }

  /** Ends the stream for good. */
  close(): void {
    if (this.#hasEnded) return;
    this.#controller.close();
    this.#end();
  }

  #pulled(): void {
    const hasReadAll = this.#room() >= LIMITS.unsentBytes;
    if (this.#hasEnded || !this.#isBehind || !hasReadAll) return;
    this.#isBehind = false;
    this.#stopStallTimer();
    try {
      for (const bytes of this.#options.catchUp()) this.#controller.enqueue(bytes);
    } catch (error) {
      this.#fail(error); // an engine that cannot be photographed: the reader comes again
    }
  }

  #room(): number {
    return this.#controller.desiredSize ?? 0;
  }

  #fail(cause: unknown): void {
    if (this.#hasEnded) return;
    this.#controller.error(cause);
    this.#end();
  }

  #beat(): void {
    const beat = (): void => {
      this.send(HEARTBEAT);
      this.#beat();
    };
    this.#stopHeartbeat = this.#options.time.after(LIMITS.heartbeatMs, beat, { unref: true });
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopHeartbeat();
    this.#stopStallTimer();
    this.#options.onEnd();
  }
}
