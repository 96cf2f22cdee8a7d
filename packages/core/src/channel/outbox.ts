import { formatNamespace, type OutboundBody, type OutboundUsage } from '../message/envelope.ts';
import type { Busy } from './busy.ts';
import type { ChannelCapabilities, SentRef } from './channel.ts';
import type { Connection } from './connection.ts';
import { DraftTimers } from './draft-timers.ts';
import { type ReplyThread, takePart } from './reply-thread.ts';
import { SendLines } from './send-lines.ts';
import { optionsOf, Sender, type SenderPorts } from './sender.ts';
import { splitText } from './split-text.ts';

/** What an outbox needs. */
export interface OutboxPorts extends SenderPorts {
  /** What the channel can do, also while there is no connection. */
  readonly capabilities: () => ChannelCapabilities;
  /** Called when nothing is left to be sent. */
  readonly onEmpty: () => void;
}

/** Something to be sent, in the order of its destination. */
type Letter =
  | { readonly kind: 'delta'; readonly thread: ReplyThread; text: string }
  | { readonly kind: 'draft'; readonly thread: ReplyThread }
  | ErrorLetter
  | FinalLetter;

interface ErrorLetter {
  readonly kind: 'error';
  readonly thread: ReplyThread;
  readonly text: string;
  readonly busy: Busy | undefined;
}

interface FinalLetter {
  readonly kind: 'final';
  readonly thread: ReplyThread;
  readonly text: string;
  readonly usage: OutboundUsage | undefined;
}

/**
 * Replies on their way out: one line for each destination, whoever replies, so that a reply's pieces never overtake each
 * other. A piece is tried a bounded number of times under the same idempotency key; while there is no connection it waits.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #sender: Sender;
  readonly #drafts: DraftTimers;
  readonly #lines: SendLines<Letter>;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    this.#sender = new Sender(ports);
    this.#drafts = new DraftTimers(ports.clock);
    this.#lines = new SendLines((letter, signal) => this.#deliver(letter, signal), ports.onEmpty);
  }

  /** How many pieces wait or are being sent. */
  get size(): number {
    return this.#lines.size;
  }

  /** Shows a growing reply, where the channel can. */
  delta(thread: ReplyThread, text: string): void {
    thread.text += text;
    if (thread.isBroken) return;
    const { streaming, edits } = this.#ports.capabilities();
    if (streaming === true) this.#stream(thread, text);
    else if (edits !== undefined) {
      this.#drafts.grew(thread, edits.intervalMs, () =>
        this.#add({ kind: 'draft', thread }).catch(ignore),
      );
    }
  }

  /**
   * Sends the whole reply, in as many parts as its length needs.
   *
   * @throws {SendError} when a part could not be delivered; those behind it are not tried.
   */
  final(thread: ReplyThread, text: string, usage?: OutboundUsage): Promise<void> {
    this.#drafts.end(thread); // one that waits would only delay the final text
    return this.#add({ kind: 'final', thread, text, usage });
  }

  /**
   * Tells the sender that there will be no reply, and where it was for want of room, that too.
   *
   * @throws {SendError} when it could not be delivered.
   */
  error(thread: ReplyThread, text: string, busy?: Busy): Promise<void> {
    this.#drafts.end(thread);
    return this.#add({ kind: 'error', thread, text, busy });
  }

  /** Notes that a reply will have no end: its handler has returned without one. */
  drop(thread: ReplyThread): void {
    this.#drafts.end(thread);
  }

  /** Says that there is a connection again. */
  wake(): void {
    this.#sender.wake();
  }

  /** Sends nothing more of what there is: whoever waits for it is told `reason`. */
  abandon(reason: unknown): void {
    this.#drafts.clear();
    this.#lines.abandon(reason);
  }

  #add(letter: Letter): Promise<void> {
    return this.#lines.add(destinationOf(letter.thread), letter);
  }

  /** Deltas that wait are joined, so that a slow peer gets fewer and longer ones. */
  #stream(thread: ReplyThread, text: string): void {
    const last = this.#lines.lastWaiting(destinationOf(thread));
    if (last?.kind === 'delta' && last.thread === thread) last.text += text;
    else void this.#add({ kind: 'delta', thread, text }); // the final text has all of it
  }

  async #deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    switch (letter.kind) {
      case 'delta':
        return this.#sendDelta(letter, signal);
      case 'draft':
        return this.#sendDraft(letter.thread, signal);
      case 'error':
        return this.#sender.send(letter.thread, signal, async ({ session }, options) => {
          const { thread, text, busy } = letter;
          const told = busy === undefined ? options : { ...options, busy };
          await session.sendError(thread.address, text, told);
        });
      case 'final':
        return this.#sendFinal(letter, signal);
    }
  }

  /** Tried once: the final text has all of it. */
  async #sendDelta(
    letter: Extract<Letter, { readonly kind: 'delta' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { thread } = letter;
    if (thread.isBroken) return;
    const connection = await this.#sender.connection(thread, signal);
    if (connection.capabilities.streaming !== true) return;
    const text = thread.unshown + letter.text;
    thread.unshown = this.#sender.tryAfford() ? '' : text; // the final text must not wait behind it
    if (thread.unshown !== '') return;
    const part = takePart(thread);
    const options = optionsOf(connection, { thread, part, signal });
    const body = { kind: 'delta', text } as const;
    try {
      await connection.session.send({ ...thread.address, part, body }, options);
    } catch {
      thread.isBroken = true;
    }
  }

  async #sendDraft(thread: ReplyThread, signal: AbortSignal): Promise<void> {
    const connection = this.#ports.route(thread);
    if (connection === undefined || thread.isBroken) return;
    const [text = ''] = splitText(thread.text, connection.capabilities.maxLength);
    if (text === thread.draft?.text || !this.#sender.tryAfford()) return;
    try {
      thread.draft = { text, ref: await this.#show(connection, { thread, text, signal }) };
    } catch {
      thread.isBroken = true; // the final text has all of it
    }
  }

  /** Edits what stands there, or posts it. */
  async #show(
    connection: Connection,
    { thread, text, signal }: { thread: ReplyThread; text: string; signal: AbortSignal },
  ): Promise<SentRef | undefined> {
    const { session, fence } = connection;
    const ref = thread.draft?.ref;
    if (ref !== undefined && session.edit !== undefined) {
      await session.edit(ref, text, { signal, fence });
      return ref;
    }
    const part = takePart(thread);
    const message = { ...thread.address, part, body: { kind: 'delta', text } } as const;
    return (
      (await session.send(message, optionsOf(connection, { thread, part, signal }))) ?? undefined
    );
  }

  async #sendFinal({ thread, text, usage }: FinalLetter, signal: AbortSignal): Promise<void> {
    const { capabilities } = await this.#sender.connection(thread, signal);
    const parts = splitText(text, capabilities.maxLength);
    for (const [index, piece] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const body: OutboundBody = { kind: 'final', text: piece, usage: isLast ? usage : undefined };
      const draft = index === 0 ? thread.draft : undefined;
      if (draft?.ref !== undefined && draft.text === piece) continue;
      await this.#sender.send(thread, signal, async ({ session }, options, part) => {
        if (draft?.ref !== undefined && session.edit !== undefined) {
          await session.edit(draft.ref, piece, options);
        } else {
          await session.send({ ...thread.address, part, body }, options);
        }
      });
    }
  }
}

function destinationOf({ address }: ReplyThread): string {
  return address.destination ?? formatNamespace(address.namespace);
}

function ignore(): void {}
