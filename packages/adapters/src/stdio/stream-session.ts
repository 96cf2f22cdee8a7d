import type { Readable, Writable } from 'node:stream';
import {
  ChannelFailedError,
  type CloseReason,
  type InboundMessage,
  type OutboundMessage,
  type PullSource,
  type ReplyAddress,
  SendError,
  type SendOptions,
  type Session,
} from '@sluice/core';
import type { LineReader } from './line-reader.ts';
import { TextWriter } from './text-writer.ts';

/** Two streams as one connection. */
export interface StreamPair {
  readonly input: Readable;
  readonly output: Writable;
}

/** What is said over the streams: how a line is read, and how replies are written. */
export interface Conversation {
  /** Reads a line. `undefined`: it held no message; `null`: there will be no more. */
  read(line: Buffer): InboundMessage | null | undefined;
  /** Hears that a line was refused, or that one could not be read. @throws what it cannot deal with. */
  refuse(error: unknown): void;
  /** Called before the next line is waited for. */
  beforeLine?(): void;
  /** Writes one piece of a reply. */
  reply(message: OutboundMessage, key: string | undefined): string;
  /** Writes that there will be no reply. */
  error(address: ReplyAddress, text: string, key: string | undefined): string;
  /** Hears that nothing more comes for a message. */
  done?(address: ReplyAddress): void;
  /** Writes that a message need not be sent again. */
  ack?(id: string): void;
}

/** What a session over streams is made of. */
export interface StreamSessionOptions {
  readonly streams: StreamPair;
  readonly reader: LineReader;
  readonly converse: (writer: TextWriter) => Conversation;
}

/** One connection over two streams. They stay their owner's: closing gives back what was not read, and ends neither. */
export class StreamSession implements Session {
  readonly source: PullSource = { receive: (signal) => this.#receive(signal) };
  readonly closed: Promise<CloseReason>;

  readonly #reader: LineReader;
  readonly #writer: TextWriter;
  readonly #conversation: Conversation;
  readonly #output: Writable;
  readonly #input: Readable;
  #settleClosed!: (reason: CloseReason) => void;
  #isOpen = true;

  constructor({ streams, reader, converse }: StreamSessionOptions) {
    this.#reader = reader;
    this.#output = streams.output;
    this.#input = streams.input;
    this.#writer = new TextWriter(streams.output);
    this.#conversation = converse(this.#writer);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    streams.output.on('error', this.#onOutputError);
    streams.input.on('error', this.#onInputError);
  }

  async send(message: OutboundMessage, options: SendOptions): Promise<void> {
    this.#assertOpen();
    const text = this.#conversation.reply(message, options.idempotencyKey);
    await this.#writer.write(text, options.signal);
  }

  async sendError(address: ReplyAddress, text: string, options: SendOptions): Promise<void> {
    this.#assertOpen();
    const said = this.#conversation.error(address, text, options.idempotencyKey);
    await this.#writer.write(said, options.signal);
  }

  ack(id: string): void {
    if (this.#isOpen) this.#conversation.ack?.(id);
  }

  done(address: ReplyAddress): void {
    if (this.#isOpen) this.#conversation.done?.(address);
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.off('error', this.#onOutputError);
    this.#input.off('error', this.#onInputError);
    this.#reader.release();
    this.#settleClosed({ kind: 'clean' });
  }

  async #receive(signal: AbortSignal): Promise<InboundMessage | null> {
    for (;;) {
      this.#conversation.beforeLine?.();
      try {
        const line = await this.#reader.next(signal);
        const message = line === null ? null : this.#conversation.read(line);
        if (message !== undefined) return message;
      } catch (error) {
        signal.throwIfAborted();
        this.#conversation.refuse(error);
      }
    }
  }

  /** Whoever read our output is gone: for good, since a pipe is not opened twice. */
  readonly #onOutputError = (cause: unknown): void => {
    const error = new ChannelFailedError('The output broke', { fatal: true, cause });
    this.#settleClosed({ kind: 'fatal', error });
  };

  /** Heard also while nobody reads: an `error` that nobody hears ends the process. */
  readonly #onInputError = (cause: unknown): void => {
    const error = new ChannelFailedError('The input broke', { fatal: true, cause });
    this.#settleClosed({ kind: 'fatal', error });
  };

  #assertOpen(): void {
    if (!this.#isOpen) throw new SendError('The session is closed', { retryable: false });
  }
}

/** @throws {TypeError} when what was given are no streams. */
export function assertStreams({ input, output }: StreamPair): void {
  if (typeof input?.read !== 'function') throw new TypeError('input must be a readable stream');
  if (typeof output?.write !== 'function') throw new TypeError('output must be a writable stream');
}

/** Refuses to open streams that have ended already. @throws {ChannelFailedError} marked fatal. */
export function assertReadable(reader: LineReader): void {
  if (!reader.hasEnded) return;
  throw new ChannelFailedError('The input has ended', { fatal: true, reason: 'ended' });
}
