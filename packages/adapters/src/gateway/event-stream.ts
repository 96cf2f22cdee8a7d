import type { Asker } from './asker.ts';
import type { WebGateway } from './gateway.ts';
import type { GoodbyeReason } from './protocol.ts';
import { keepChecking } from './recheck.ts';
import type { GatewaySession, SessionReader } from './session.ts';
import type { LoggedFrame } from './session-log.ts';
import { SseStream } from './sse.ts';

/** Who follows which session, and from where on. */
export interface EventStreamOptions {
  readonly asker: Asker;
  readonly session: GatewaySession;
  /** The `id` of the last event that was seen. Default: only what is still to come. */
  readonly after: string | undefined;
  /** Called once, when the stream has ended: also while it is made, where the reader cannot take what it missed. */
  readonly onClosed: (stream: EventStream) => void;
}

/** One reader of `GET /api/sessions/:id/events`: what it missed, then what happens, without a hole between. */
export class EventStream implements SessionReader {
  readonly response: Response;
  readonly #session: GatewaySession;
  readonly #stream: SseStream;
  readonly #onClosed: (stream: EventStream) => void;
  #stopChecking: () => void = () => undefined;
  #isOver = false;

  constructor(gateway: WebGateway, { asker, session, after, onClosed }: EventStreamOptions) {
    const { options } = gateway;
    this.#session = session;
    this.#onClosed = onClosed;
    this.#stream = new SseStream({ options, onLeft: () => this.#close() });
    this.response = this.#stream.response;
    this.#stopChecking = keepChecking(asker, options, {
      onRevoked: () => this.end('unauthorized'),
      onUnknown: () => this.end('unavailable'),
    });
    const { frames, gap } = session.attach(this, after);
    if (gap !== undefined) this.#stream.write({ type: 'gap', session: session.id, reason: gap });
    for (const logged of frames) this.frame(logged);
    this.#stream.prime(session.log.latest); // also where nothing was missed: the reader knows its place
  }

  /** Whether the reader is still there. */
  get isOpen(): boolean {
    return !this.#isOver;
  }

  frame({ frame, event }: LoggedFrame): void {
    this.#stream.write(frame, event);
  }

  /** Says goodbye and why, and ends. */
  end(reason: GoodbyeReason): void {
    if (this.#isOver) return;
    this.#stream.write({ type: 'goodbye', reason });
    this.#stream.end();
    this.#close();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopChecking();
    this.#session.detach(this, { isLeaving: false });
    this.#onClosed(this);
  }
}
