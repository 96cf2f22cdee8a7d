import type { OutboundUsage } from '@sluice/core';
import type { Exchange, ReplySink } from './exchange.ts';
import type { ResolvedGatewayOptions } from './options.ts';
import { type ServerFrame, wireUsage } from './protocol.ts';
import { SAFE_HEADERS } from './refusal.ts';

const encoder = new TextEncoder();

/**
 * One reply as Server-Sent Events (WHATWG HTML, section 9.2): the frame's type is the event's name, its other fields
 * are the data, and each has an id that names the message and the place in its reply.
 */
export class SseReply implements ReplySink {
  /** The answer to the request. Cancelling its body means that the sender went away. */
  readonly response: Response;

  readonly #options: ResolvedGatewayOptions;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #exchange: Exchange | undefined;
  #nextId = 0;
  #stopHeartbeat: () => void = () => undefined;

  constructor(options: ResolvedGatewayOptions) {
    this.#options = options;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#stopHeartbeat();
          this.#exchange?.leave();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: options.limits.maxUnsentBytes }),
    );
    this.response = new Response(body, {
      headers: { ...SAFE_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    });
  }

  /** Opens the stream for an exchange: the first event tells its session. */
  start(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#write({ type: 'accepted', session: exchange.session.id });
    this.#beat();
  }

  delta(text: string): void {
    this.#write({ type: 'text_delta', content: text });
  }

  final(text: string, usage: OutboundUsage | undefined): void {
    const session = this.#exchange?.session.id ?? '';
    this.#write({ type: 'response', message: text, session, usage: wireUsage(usage) });
    this.#finish();
  }

  fail(code: string, text: string): void {
    this.#write({ type: 'error', error: text, code });
    this.#finish();
  }

  #write({ type, ...data }: ServerFrame): void {
    const id = `${this.#exchange?.id ?? 'm'}.${this.#nextId}`;
    this.#nextId += 1;
    this.#enqueue(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A reader who does not read is cut off at the bound, and its run is stopped. */
  #enqueue(text: string): void {
    if ((this.#controller.desiredSize ?? 0) <= 0) {
      this.#stopHeartbeat();
      this.#controller.error(new Error('The reader does not read'));
      this.#exchange?.leave();
      return;
    }
    this.#controller.enqueue(encoder.encode(text));
  }

  #beat(): void {
    const { clock, limits } = this.#options;
    this.#stopHeartbeat = clock.after(
      limits.heartbeatMs,
      () => {
        this.#enqueue(': keep-alive\n\n');
        if (this.#exchange?.isOpen === true) this.#beat();
      },
      { unref: true },
    );
  }

  #finish(): void {
    this.#stopHeartbeat();
    if (this.#controller.desiredSize !== null) this.#controller.close();
  }
}
