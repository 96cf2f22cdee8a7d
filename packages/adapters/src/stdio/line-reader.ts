import type { Readable } from 'node:stream';
import { FrameError } from '../transport/frame.ts';
import { untilHeard } from '../transport/until-heard.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads a stream line by line, each when it is asked for, so that whoever writes too fast waits. Lines are split before
 * they are decoded: a character that two chunks share survives.
 */
export class LineReader {
  readonly #input: Readable;
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  /** Whether the end of a line that was too long is still to come. */
  #isSkipping = false;

  /** @throws {TypeError} when `maxBytes` makes no sense. */
  constructor(input: Readable, maxBytes: number) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
      throw new TypeError(`maxLineBytes must be an integer above 0, not ${maxBytes}`);
    }
    this.#input = input;
    this.#maxBytes = maxBytes;
  }

  /** Whether there are no more lines. */
  get hasEnded(): boolean {
    return this.#rest.length === 0 && (this.#input.readableEnded || this.#input.destroyed);
  }

  /**
   * Resolves with the next line, without its end, or with `null` when there are no more.
   *
   * @throws {FrameError} when a line is too long; the next call goes on with the line behind it.
   * @throws what the stream fails with. An abort throws the signal's reason and loses nothing.
   */
  async next(signal: AbortSignal): Promise<Buffer | null> {
    for (;;) {
      signal.throwIfAborted();
      const line = this.#takeLine();
      if (line !== undefined) return line;
      const chunk = this.#input.read() as Buffer | string | null;
      if (chunk !== null) this.#append(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      else if (this.#input.readableEnded || this.#input.destroyed) return this.#takeLast();
      else {
        keepsAlive(this.#input, true);
        await moreOf(this.#input, signal);
      }
    }
  }

  /** Gives back to the stream what was read and not taken, for whoever reads it next. */
  release(): void {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length > 0 && !this.#input.readableEnded) this.#input.unshift(rest);
    keepsAlive(this.#input, false);
  }

  #append(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  #takeLine(): Buffer | undefined {
    const end = this.#rest.indexOf(LINE_FEED);
    if (end < 0) {
      this.#boundRest();
      return undefined;
    }
    const line = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end + 1);
    if (this.#isSkipping) {
      this.#isSkipping = false;
      return this.#takeLine();
    }
    if (line.length > this.#maxBytes) throw this.#tooLong();
    return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  }

  /** The start of a line that is too long already is let go of: what is kept has a bound. */
  #boundRest(): void {
    if (this.#isSkipping) this.#rest = Buffer.alloc(0);
    if (this.#rest.length <= this.#maxBytes) return;
    this.#rest = Buffer.alloc(0);
    this.#isSkipping = true;
    throw this.#tooLong();
  }

  /** What stands behind the last line feed is a line, too. */
  #takeLast(): Buffer | null {
    const last = this.#rest;
    this.#rest = Buffer.alloc(0);
    return last.length === 0 ? null : last;
  }

  #tooLong(): FrameError {
    return new FrameError('too-long', `A line is longer than ${this.#maxBytes} bytes`);
  }
}

/** Says whether a terminal or a pipe keeps the process alive: not while nobody reads it. A file never does. */
function keepsAlive(input: Readable & { ref?(): void; unref?(): void }, isRead: boolean): void {
  if (isRead) input.ref?.();
  else input.unref?.();
}

/** Resolves when there is more to read, or no more. */
function moreOf(input: Readable, signal: AbortSignal): Promise<void> {
  return untilHeard(signal, ({ resolve, reject }) => {
    const onMore = (): void => resolve();
    for (const event of ['readable', 'end', 'close']) input.on(event, onMore);
    input.on('error', reject);
    return () => {
      for (const event of ['readable', 'end', 'close']) input.off(event, onMore);
      input.off('error', reject);
    };
  });
}
