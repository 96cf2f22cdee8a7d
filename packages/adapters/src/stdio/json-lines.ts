import type { Channel, InboundMessage, Session } from '@sluice/core';
import {
  type ChannelFrame,
  FrameError,
  parsePeerFrame,
  type PeerMessage,
  refusalOf,
} from '../transport/frame.ts';
import { errorFrame, inboundOf, ownId, replyFrame } from '../transport/frame-message.ts';
import { uniqueId } from '../transport/unique-id.ts';
import { LineReader } from './line-reader.ts';
import {
  assertReadable,
  assertStreams,
  type Conversation,
  type StreamPair,
  StreamSession,
} from './stream-session.ts';
import type { TextWriter } from './text-writer.ts';

/** How a channel of JSON lines is made. */
export interface JsonLinesOptions {
  /** What is read. Default: the process's standard input. */
  readonly input?: StreamPair['input'] | undefined;
  /** What is written; nothing else may be, so logs go to standard error. Default: the process's standard output. */
  readonly output?: StreamPair['output'] | undefined;
  /** The longest line that is taken, in bytes. @defaultValue 1 048 576 */
  readonly maxLineBytes?: number | undefined;
  /** Hears of each line that was refused because it made no sense. It must not throw. Default: the peer alone. */
  readonly onBadFrame?: ((error: FrameError) => void) | undefined;
}

/**
 * Makes a channel over two streams, one frame a line: for a process that another one has started, or has started itself
 * (`input: child.stdout`, `output: child.stdin`). Lines are read only while there is room, so that a peer who writes too
 * fast waits. When the input ends, so does the channel: give it `restart: { restart: 'transient' }`.
 *
 * @throws {TypeError} when an option makes no sense.
 */
export function jsonLinesChannel(options: JsonLinesOptions = {}): Channel {
  const { input = process.stdin, output = process.stdout, maxLineBytes = 1_048_576 } = options;
  assertStreams({ input, output });
  const reader = new LineReader(input, maxLineBytes);
  const { onBadFrame } = options;
  return {
    kind: 'stdio',
    capabilities: { streaming: true, ack: true },
    open: async ({ signal }): Promise<Session> => {
      signal.throwIfAborted();
      assertReadable(reader);
      const converse = (writer: TextWriter): Conversation =>
        new FrameConversation({ writer, maxLength: maxLineBytes, onBadFrame });
      return new StreamSession({ streams: { input, output }, reader, converse });
    },
  };
}

/** Frames, one a line. */
class FrameConversation implements Conversation {
  readonly #session: string = uniqueId();
  readonly #writer: TextWriter;
  readonly #maxLength: number;
  readonly #onBadFrame: ((error: FrameError) => void) | undefined;
  #isGreeted = false;

  constructor(options: {
    readonly writer: TextWriter;
    readonly maxLength: number;
    readonly onBadFrame: ((error: FrameError) => void) | undefined;
  }) {
    this.#writer = options.writer;
    this.#maxLength = options.maxLength;
    this.#onBadFrame = options.onBadFrame;
  }

  beforeLine(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.#greet();
  }

  read(line: Buffer): InboundMessage | null | undefined {
    const frame = parsePeerFrame(decoded(line), this.#maxLength);
    switch (frame.type) {
      case 'join':
        return this.#greet();
      case 'message':
        return this.#message(frame);
      case 'ping':
        this.#tell({ type: 'pong' });
        return undefined;
      case 'bye':
        return null;
      case 'pong':
      case 'received':
        return undefined;
    }
  }

  refuse(error: unknown): void {
    if (!FrameError.is(error)) throw error;
    this.#tell(refusalOf(error));
    this.#onBadFrame?.(error);
  }

  reply(...[message, key]: Parameters<Conversation['reply']>): string {
    return lineOf(replyFrame(message, key));
  }

  error(...[address, text, key]: Parameters<Conversation['error']>): string {
    return lineOf(errorFrame(address, text, key));
  }

  done(address: Parameters<typeof ownId>[0]): void {
    this.#tell({ type: 'done', replyTo: ownId(address) });
  }

  ack(id: string): void {
    this.#tell({ type: 'ack', id });
  }

  #message(frame: PeerMessage): InboundMessage | undefined {
    const isForThis = frame.session === undefined || frame.session === this.#session;
    if (isForThis) return inboundOf(frame, 'stdio', undefined);
    this.#tell({ type: 'refused', reason: 'unavailable', id: frame.id });
    return undefined;
  }

  #greet(): undefined {
    this.#tell({ type: 'hello', session: this.#session });
  }

  #tell(frame: ChannelFrame): void {
    this.#writer.tell(lineOf(frame));
  }
}

/** JSON escapes line feeds, so that a frame is one line. */
function lineOf(frame: ChannelFrame): string {
  return `${JSON.stringify(frame)}\n`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(line: Buffer): string {
  try {
    return utf8.decode(line);
  } catch {
    throw new FrameError('not-text', 'A line must be UTF-8');
  }
}
