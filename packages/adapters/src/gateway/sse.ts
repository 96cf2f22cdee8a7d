import type { ResolvedGatewayOptions } from './options.ts';
import type { ServerFrame } from './protocol.ts';
import { SAFE_HEADERS } from './refusal.ts';

const encoder = new TextEncoder();

/** What an event stream is made of. */
export interface SseStreamOptions {
  readonly options: ResolvedGatewayOptions;
  /** Beside those that every stream has. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called once, when the reader went away or was cut off; never after `end`. */
  readonly onLeft: () => void;
}

/**
 * Server-Sent Events (WHATWG HTML, section 9.2): a frame's type is the event's name, its other fields are the data. A
 * silent stream says that it lives, and a reader who does not read is cut off at the bound.
 */
export class SseStream {
  /** The answer to the request. Cancelling its body means that the reader went away. */
  readonly response: Response;

  readonly #options: ResolvedGatewayOptions;
  readonly #onLeft: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOpen = true;
  #stopHeartbeat: () => void = () => undefined;

  constructor({ options, headers, onLeft }: SseStreamOptions) {
    this.#options = options;
    this.#onLeft = onLeft;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: options.limits.maxUnsentBytes }),
    );
    this.response = new Response(body, {
      headers: {
        ...SAFE_HEADERS,
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
        ...headers,
      },
    });
    this.#beat();
  }

  /** Tells where the reader is and how long to wait before it comes back: an event without a name or data. */
  prime(event: string): void {
    const { retryAfterMs } = this.#options.limits;
    this.#enqueue(`id: ${event}\nretry: ${Math.ceil(retryAfterMs)}\ndata:\n\n`);
  }

  /** Writes one frame. With `event` the reader can resume behind it. */
  write({ type, ...data }: ServerFrame, event?: string): void {
    const id = event === undefined ? '' : `id: ${event}\n`;
    this.#enqueue(`${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Ends the stream. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopHeartbeat();
    this.#controller.close();
  }

  #enqueue(text: string): void {
    if (!this.#isOpen) return;
    if ((this.#controller.desiredSize ?? 0) > 0) {
      this.#controller.enqueue(encoder.encode(text));
      return;
    }
    this.#controller.error(new Error('The reader does not read'));
    this.#leave();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopHeartbeat();
    this.#onLeft();
  }

  #beat(): void {
    const { clock, limits } = this.#options;
    const beat = (): void => {
      this.#beat();
      this.#enqueue(': keep-alive\n\n');
    };
    this.#stopHeartbeat = clock.after(limits.heartbeatMs, beat, { unref: true });
  }
}
