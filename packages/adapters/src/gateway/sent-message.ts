import type { ClientFrame, ServerFrame, SessionFrame } from './protocol.ts';

/** How far a message came: not sent; sent; taken by the gateway. */
export type SentStatus = 'waiting' | 'sent' | 'accepted';

/** What a sent message is made of. */
export interface SentMessageOptions {
  /** Unique in its session: what is sent again under it is not answered twice. */
  readonly id: string;
  readonly message: string;
  /** Called once, at the end, whatever the end. */
  readonly onEnd: () => void;
}

/** One message of a client, and its reply as far as nobody has read it. It ends once. */
export class SentMessage {
  readonly id: string;
  readonly message: string;
  status: SentStatus = 'waiting';
  readonly #onEnd: () => void;
  readonly #unread: ServerFrame[] = [];
  #outcome: { readonly error: unknown } | 'whole' | undefined;
  #wake: () => void = nothing;

  constructor({ id, message, onEnd }: SentMessageOptions) {
    this.id = id;
    this.message = message;
    this.#onEnd = onEnd;
  }

  /** Whether no more comes. */
  get hasEnded(): boolean {
    return this.#outcome !== undefined;
  }

  /** What the gateway is sent. */
  get frame(): ClientFrame {
    return { type: 'chat', id: this.id, message: this.message };
  }

  /** Takes a frame that answers it; `response` is the last. Pieces that nobody read yet are joined. */
  push(frame: Exclude<SessionFrame, { type: 'error' }>): void {
    if (this.hasEnded) return;
    const last = this.#unread.at(-1);
    if (frame.type === 'text_delta' && last?.type === 'text_delta') {
      this.#unread[this.#unread.length - 1] = { ...frame, content: last.content + frame.content };
    } else {
      this.#unread.push(frame);
    }
    if (frame.type === 'response') this.#end('whole');
    this.#wake();
  }

  /** Ends without a reply. */
  fail(error: unknown): void {
    if (!this.hasEnded) this.#end({ error });
    this.#wake();
  }

  /** Reads the frames as they come. @throws what it failed with. */
  async *frames(): AsyncGenerator<ServerFrame> {
    for (;;) {
      yield* this.#unread.splice(0);
      if (this.#unread.length > 0) continue;
      if (this.#outcome === 'whole') return;
      if (this.#outcome !== undefined) throw this.#outcome.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #end(outcome: { readonly error: unknown } | 'whole'): void {
    this.#outcome = outcome;
    this.#onEnd();
  }
}

function nothing(): void {}
