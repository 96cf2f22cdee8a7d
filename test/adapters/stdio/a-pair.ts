import { PassThrough } from 'node:stream';

/** Two streams with a test at their other ends. */
export class APair {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  /** All that was written. */
  written = '';
  readonly #wakes = new Set<() => void>();

  constructor() {
    this.output.on('data', (chunk: Buffer) => {
      this.written += chunk.toString();
      for (const wake of this.#wakes) wake();
    });
  }

  /** The frames that were written, where they are frames. */
  get frames(): readonly { readonly type: string; readonly [field: string]: unknown }[] {
    const lines = this.written.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as { type: string });
  }

  /** Writes a line to the input. */
  say(text: string): void {
    this.input.write(`${text}\n`);
  }

  /** Resolves once `isMet` holds for what was written. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise<void>((resolve) => this.#wakes.add(resolve));
  }
}
