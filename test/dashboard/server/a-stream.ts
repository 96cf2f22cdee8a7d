/** One frame of server-sent events. Comments have neither a type nor data. */
export interface Frame {
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly data: unknown;
}

const NOTHING = Symbol('nothing');

/** Reads a stream when it is told to, and never waits for more than is there. */
export class PatientReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #pending: Promise<{ done: boolean; value?: Uint8Array | undefined }> | undefined;
  #text = '';
  /** Whether the stream ended, or was cut. */
  isOver = false;
  /** What the stream was cut with. */
  error: unknown;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** Reads one chunk, if one is there. */
  async readOne(settle: () => Promise<void>): Promise<boolean> {
    this.#pending ??= this.#reader.read();
    try {
      const read = await Promise.race([this.#pending, settle().then(() => NOTHING)]);
      if (read === NOTHING) return false;
      this.#pending = undefined;
      const { done, value } = read as { done: boolean; value?: Uint8Array };
      this.isOver = done;
      this.#text += new TextDecoder().decode(value);
      return !done;
    } catch (error) {
      this.isOver = true;
      this.error = error;
      return false;
    }
  }

  /** Reads all that is there, and returns the frames since the last call. */
  async frames(settle: () => Promise<void>): Promise<readonly Frame[]> {
    while (await this.readOne(settle)) continue;
    const frames = framesOf(this.#text);
    this.#text = '';
    return frames;
  }

  /** Leaves. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Reads whole frames. */
export function framesOf(text: string): readonly Frame[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      return {
        type: field('event'),
        id: field('id'),
        data: data === undefined ? undefined : (JSON.parse(data) as unknown),
      };
    });
}
