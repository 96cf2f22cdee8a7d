import {
  type ChannelDefinition,
  ChannelManager,
  type ChannelManagerEventDraft,
  type ChannelManagerOptions,
  type DeadLetter,
  type MessageHandler,
  seededRandom,
} from '@sluice/core';
import { ScriptedChannel, type ScriptedChannelOptions, VirtualClock } from '@sluice/core/testing';

/** What a test says of its one channel, `c`. */
export interface ChannelSetup {
  readonly handler?: MessageHandler;
  readonly script?: ScriptedChannelOptions;
  readonly channel?: ScriptedChannel;
  readonly definition?: Partial<ChannelDefinition>;
  readonly options?: Partial<ChannelManagerOptions>;
  readonly seed?: number;
}

/** A manager with one channel and everything that was seen of it. */
export interface WatchedChannel {
  readonly clock: VirtualClock;
  readonly channel: ScriptedChannel;
  readonly manager: ChannelManager;
  readonly states: string[];
  readonly events: ChannelManagerEventDraft[];
  readonly deadLetters: DeadLetter[];
  /** The types of the events of messages, with the message: `started a1`. */
  messageLog(): string[];
}

export const echo: MessageHandler = async (message, { reply }) => reply.final(`re ${message.text}`);

/** A backoff without chance: 1, 2, 4 … seconds. */
export const steadyBackoff = { baseMs: 1_000, factor: 2, capMs: 30_000, jitter: 'none' } as const;

export function aChannel(setup: ChannelSetup = {}): WatchedChannel {
  const clock = new VirtualClock();
  const channel = setup.channel ?? new ScriptedChannel(setup.script);
  const manager = new ChannelManager({
    handler: setup.handler ?? echo,
    clock,
    random: seededRandom(setup.seed ?? 1),
    ...setup.options,
  });
  const events: ChannelManagerEventDraft[] = [];
  const deadLetters: DeadLetter[] = [];
  const states: string[] = [];
  manager.events$.subscribe((event) => events.push(event));
  manager.deadLetters$.subscribe((letter) => deadLetters.push(letter));
  manager.add({ id: 'c', channel, ...setup.definition });
  manager.state$('c').subscribe(({ status }) => states.push(status));
  const messageLog = (): string[] =>
    events.flatMap((event) =>
      'message' in event && event.type.startsWith('message.')
        ? [`${event.type.slice('message.'.length)} ${event.message}`]
        : [],
    );
  return { clock, channel, manager, states, events, deadLetters, messageLog };
}

/** A handler whose messages are answered by hand, and which remembers what it was called with. */
export function byHand(): {
  readonly handler: MessageHandler;
  readonly started: string[];
  readonly aborted: string[];
  answer(id: string): void;
  fail(id: string, error: Error): void;
} {
  const waiting = new Map<string, (error?: Error) => void>();
  const started: string[] = [];
  const aborted: string[] = [];
  const handler: MessageHandler = async (message, { reply, signal }) => {
    started.push(message.id);
    const error = await new Promise<Error | undefined>((resolve) => {
      waiting.set(message.id, resolve);
      signal.addEventListener('abort', () => {
        aborted.push(message.id);
        resolve(signal.reason as Error);
      });
    });
    if (error !== undefined) throw error;
    await reply.final(`re ${message.text}`);
  };
  return {
    handler,
    started,
    aborted,
    answer: (id) => waiting.get(id)?.(),
    fail: (id, error) => waiting.get(id)?.(error),
  };
}

/** A handler that takes `ms` of the clock for each message. */
export function taking(clock: () => VirtualClock, ms: number): MessageHandler {
  return async (message, { reply }) => {
    await new Promise<void>((resolve) => void clock().after(ms, resolve));
    await reply.final(`re ${message.text}`);
  };
}

/** What a promise rejects with. Listens at once, so that no rejection is unhandled while time is moved. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new TypeError('The promise was to reject');
}
