import {
  type Channel,
  type InboundMessage,
  messageId,
  type OutboundMessage,
  type ReplyAddress,
  type Session,
} from '@sluice/core';
import { FrameError } from '../transport/frame.ts';
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

/** How a terminal chat is made. */
export interface TerminalOptions {
  /** What is read. Default: the process's standard input. */
  readonly input?: StreamPair['input'] | undefined;
  /** What is written. Default: the process's standard output. */
  readonly output?: StreamPair['output'] | undefined;
  /** Shown while the next line is waited for. @defaultValue `'> '` */
  readonly prompt?: string | undefined;
  /** The longest line that is taken, in bytes. @defaultValue 65 536 */
  readonly maxLineBytes?: number | undefined;
}

/**
 * Makes a channel for one person at a terminal: each line is a message, replies are shown while they grow. What replies
 * hold is shown as text: they cannot move the cursor or colour the screen. When the input ends, so does the channel: give
 * it `restart: { restart: 'transient' }`.
 *
 * @throws {TypeError} when an option makes no sense.
 */
export function terminalChannel(options: TerminalOptions = {}): Channel {
  const { input = process.stdin, output = process.stdout } = options;
  const { prompt = '> ', maxLineBytes = 65_536 } = options;
  assertStreams({ input, output });
  const reader = new LineReader(input, maxLineBytes);
  return {
    kind: 'terminal',
    capabilities: { streaming: true },
    open: async ({ signal }): Promise<Session> => {
      signal.throwIfAborted();
      assertReadable(reader);
      const converse = (writer: TextWriter): Conversation => new Chat(writer, prompt);
      return new StreamSession({ streams: { input, output }, reader, converse });
    },
  };
}

/** A conversation with a person. */
class Chat implements Conversation {
  readonly #writer: TextWriter;
  readonly #prompt: string;
  /** The messages that were given and for which something may still come. */
  #unanswered = 0;
  #isPrompted = false;
  /** What was shown of the reply that grows. */
  #shown = '';

  constructor(writer: TextWriter, prompt: string) {
    this.#writer = writer;
    this.#prompt = prompt;
  }

  beforeLine(): void {
    if (this.#unanswered > 0 || this.#isPrompted) return;
    this.#isPrompted = true;
    this.#writer.tell(this.#prompt);
  }

  read(line: Buffer): InboundMessage | undefined {
    this.#isPrompted = false;
    const text = line.toString('utf8').trim();
    if (text === '') return undefined;
    this.#unanswered += 1;
    return { id: messageId(uniqueId()), namespace: ['terminal', 'main'], text };
  }

  refuse(error: unknown): void {
    if (!FrameError.is(error)) throw error;
    this.#isPrompted = false;
    this.#writer.tell(`! ${error.message}\n`);
  }

  reply({ body }: OutboundMessage): string {
    if (body.kind === 'delta') {
      this.#shown += body.text;
      return harmless(body.text);
    }
    const shown = this.#shown;
    this.#shown = '';
    if (body.text.startsWith(shown)) return `${harmless(body.text.slice(shown.length))}\n`;
    return `\n${harmless(body.text)}\n`; // what was shown was the start of another try
  }

  error(_: ReplyAddress, text: string): string {
    const isMidLine = this.#shown !== '';
    this.#shown = '';
    return `${isMidLine ? '\n' : ''}! ${harmless(text)}\n`;
  }

  done(): void {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    this.beforeLine();
  }
}

/** Takes out control characters but line feeds and tabs: a model's text must not steer a terminal. */
function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}
