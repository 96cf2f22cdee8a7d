import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { isSluiceError, toError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { backoffMs } from '../resilience/backoff.ts';
import { formatNamespace, type OutboundBody, type OutboundUsage } from '../message/envelope.ts';
import type { Busy } from './busy.ts';
import type { ChannelCapabilities, SendOptions, SentRef } from './channel.ts';
import type { Connection } from './connection.ts';
import { DraftTimers } from './draft-timers.ts';
import { SendError } from './errors.ts';
import type { ResolvedOutboxOptions } from './options.ts';
import type { ReplyThread } from './reply-thread.ts';
import { SendBudget } from './send-budget.ts';
import { SendLines } from './send-lines.ts';
import { splitText } from './split-text.ts';

/** What an outbox needs. */
export interface OutboxPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: () => ResolvedOutboxOptions;
  /** The connection by which a reply goes now, if there is one. */
  readonly route: (thread: ReplyThread) => Connection | undefined;
  /** What the channel can do, also while there is no connection. */
  readonly capabilities: () => ChannelCapabilities;
  /** Hears of each final piece that is sent. */
  readonly report: (event: SendReport) => void;
  /** Called when nothing is left to be sent. */
  readonly onEmpty: () => void;
}

/** One final piece on its way. */
export interface SendReport {
  readonly type: 'send.started' | 'send.finished' | 'send.failed';
  readonly thread: ReplyThread;
  readonly part: number;
  readonly durationMs: number;
  readonly error?: unknown;
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
  readonly #budget: SendBudget;
  readonly #drafts: DraftTimers;
  readonly #lines: SendLines<Letter>;
  #connected: Deferred<void> = deferred();

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    this.#budget = new SendBudget(ports.clock, () => ports.options().rate);
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
    this.#connected.resolve();
    this.#connected = deferred();
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
        return this.#sendPiece(letter.thread, signal, async ({ session }, options) => {
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
    const connection = await this.#connection(thread, signal);
    if (connection.capabilities.streaming !== true) return;
    await this.#afford(false, signal);
    const part = takePart(thread);
    const options = { signal, idempotencyKey: keyOf(thread, part) };
    const body = { kind: 'delta', text: letter.text } as const;
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
    if (text === thread.draft?.text || this.#budget.waitMs(false) > 0) return;
    this.#budget.spend();
    try {
      thread.draft = { text, ref: await this.#show(connection, { thread, text, signal }) };
    } catch {
      thread.isBroken = true; // the final text has all of it
    }
  }

  /** Edits what stands there, or posts it. */
  async #show(
    { session }: Connection,
    { thread, text, signal }: { thread: ReplyThread; text: string; signal: AbortSignal },
  ): Promise<SentRef | undefined> {
    const ref = thread.draft?.ref;
    if (ref !== undefined && session.edit !== undefined) {
      await session.edit(ref, text, { signal });
      return ref;
    }
    const part = takePart(thread);
    const message = { ...thread.address, part, body: { kind: 'delta', text } } as const;
    const sent = await session.send(message, { signal, idempotencyKey: keyOf(thread, part) });
    return sent ?? undefined;
  }

  async #sendFinal({ thread, text, usage }: FinalLetter, signal: AbortSignal): Promise<void> {
    const { capabilities } = await this.#connection(thread, signal);
    const parts = splitText(text, capabilities.maxLength);
    for (const [index, piece] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const body: OutboundBody = { kind: 'final', text: piece, usage: isLast ? usage : undefined };
      const draft = index === 0 ? thread.draft : undefined;
      if (draft?.ref !== undefined && draft.text === piece) continue;
      await this.#sendPiece(thread, signal, async ({ session }, options, part) => {
        if (draft?.ref !== undefined && session.edit !== undefined) {
          await session.edit(draft.ref, piece, options);
        } else {
          await session.send({ ...thread.address, part, body }, options);
        }
      });
    }
  }

  /** Sends one piece that must arrive: tried again, under the same key, until it does or there were enough tries. */
  async #sendPiece(
    thread: ReplyThread,
    signal: AbortSignal,
    send: (connection: Connection, options: SendOptions, part: number) => Promise<void>,
  ): Promise<void> {
    const { clock, report } = this.#ports;
    const part = takePart(thread);
    const startedAt = clock.now();
    const tell = (type: SendReport['type'], error?: unknown): void =>
      report({ type, thread, part, durationMs: clock.now() - startedAt, error });
    tell('send.started');
    for (let failures = 0; ;) {
      try {
        const connection = await this.#connection(thread, signal);
        await this.#afford(true, signal);
        await send(connection, { signal, idempotencyKey: keyOf(thread, part) }, part);
        tell('send.finished');
        return;
      } catch (error) {
        failures += 1;
        const delayMs = signal.aborted ? undefined : this.#retryDelay(error, failures);
        if (delayMs === undefined) {
          tell('send.failed', error);
          throw asSendError(error, failures);
        }
        await this.#sleep(delayMs, signal);
      }
    }
  }

  /** How long to wait before the next try, or undefined when there is none. */
  #retryDelay(error: unknown, failures: number): number | undefined {
    const { maxAttempts, baseMs, capMs } = this.#ports.options();
    if (failures >= maxAttempts || (isSluiceError(error) && !error.retryable)) return undefined;
    const { random } = this.#ports;
    const delayMs = backoffMs({ baseMs, capMs, factor: 2, jitter: 'full' }, failures, { random });
    return (SendError.is(error) ? error.retryAfterMs : undefined) ?? delayMs;
  }

  async #connection(thread: ReplyThread, signal: AbortSignal): Promise<Connection> {
    for (;;) {
      signal.throwIfAborted();
      const connection = this.#ports.route(thread);
      if (connection !== undefined) return connection;
      await abortable(this.#connected.promise, signal);
    }
  }

  async #afford(isFinal: boolean, signal: AbortSignal): Promise<void> {
    for (let ms = this.#budget.waitMs(isFinal); ms > 0; ms = this.#budget.waitMs(isFinal)) {
      await this.#sleep(ms, signal);
    }
    this.#budget.spend();
  }

  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    const over = deferred<void>();
    const cancel = this.#ports.clock.after(delayMs, () => over.resolve());
    await abortable(over.promise, signal).finally(cancel);
  }
}

function destinationOf({ address }: ReplyThread): string {
  return address.destination ?? formatNamespace(address.namespace);
}

function takePart(thread: ReplyThread): number {
  const part = thread.nextPart;
  thread.nextPart += 1;
  return part;
}

function keyOf({ runId }: ReplyThread, part: number): string {
  return `${runId}:${part}`;
}

function asSendError(error: unknown, tries: number): unknown {
  if (SendError.is(error)) return error;
  const reason = toError(error).message;
  return new SendError(`A reply was not delivered in ${tries} tries: ${reason}`, {
    cause: error,
    retryable: false,
  });
}

function ignore(): void {}
