import { HEARTBEAT } from './frames.ts';
import { LIMITS, type ServerTime } from './options.ts';

/** How a reader's stream is fed. */
export interface ReaderOptions {
  readonly time: ServerTime;
  /** What a reader who fell behind is given to go on: a gap and a whole picture. */
  readonly catchUp: () => readonly Uint8Array[];
  /** Called once, when the stream has ended. */
  readonly onEnd: () => void;
}

/**
 * One reader's stream, bounded. A reader who does not keep up is not sent a growing backlog: once it has read what was
 * under way it gets a gap and a new snapshot, whose counts are exact. One that does not read at all is cut off.
 */
export class Reader {
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
    if ((this.#controller.desiredSize ?? 0) > 0) {
      this.#controller.enqueue(bytes);
      return;
    }
    this.#isBehind = true;
    this.#stopStallTimer = this.#options.time.after(LIMITS.stalledMs, () => this.#cut(), {
      unref: true,
    });
  }

  /** Ends the stream for good. */
  close(): void {
    if (this.#hasEnded) return;
    this.#controller.close();
    this.#end();
  }

  #pulled(): void {
    if (!this.#isBehind || this.#hasEnded) return;
    this.#isBehind = false;
    this.#stopStallTimer();
    for (const bytes of this.#options.catchUp()) this.#controller.enqueue(bytes);
  }

  #cut(): void {
    if (this.#hasEnded) return;
    this.#controller.error(new Error('The reader does not read'));
    this.#end();
  }

  #beat(): void {
    const beat = (): void => {
      this.send(HEARTBEAT);
      if (!this.#hasEnded) this.#beat();
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
