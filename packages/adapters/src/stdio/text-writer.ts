import type { Writable } from 'node:stream';
import { SendError } from '@sluice/core';
import { untilHeard } from '../transport/until-heard.ts';

/** Writes whole texts to a stream, one after the other, and waits while it takes no more. */
export class TextWriter {
  readonly #output: Writable;

  constructor(output: Writable) {
    this.#output = output;
  }

  /**
   * Writes a text and resolves once there is room for another.
   *
   * @throws {SendError} when the stream is closed. An abort ends the wait with the signal's reason: the text is on its way.
   */
  async write(text: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#tryWrite(text)) return;
    await this.#room(signal);
  }

  /** Writes a text of which nothing depends: a stream that is closed does not get it. */
  tell(text: string): void {
    if (this.#output.writable) this.#output.write(text);
  }

  #tryWrite(text: string): boolean {
    if (!this.#output.writable) throw new SendError('The output is closed', { retryable: false });
    return this.#output.write(text);
  }

  #room(signal: AbortSignal): Promise<void> {
    const output = this.#output;
    return untilHeard(signal, ({ resolve, reject }) => {
      const onClose = (): void => reject(new SendError('The output was closed'));
      const onDrain = (): void => resolve();
      output.on('drain', onDrain).on('close', onClose);
      return () => void output.off('drain', onDrain).off('close', onClose);
    });
  }
}
