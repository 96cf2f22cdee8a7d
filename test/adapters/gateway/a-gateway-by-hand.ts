import { createGateway, type Gateway, type GatewayOptions } from '@sluice/adapters/gateway';
import {
  type ChannelDefinition,
  ChannelManager,
  type InboundMessage,
  type Reply,
  seededRandom,
} from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';

/** A message that a test answers. */
export interface HandedMessage {
  readonly message: InboundMessage;
  readonly reply: Reply;
  readonly signal: AbortSignal;
  /** Ends the handler, with an error if one is given. */
  end(error?: Error): void;
}

/** A gateway on a virtual clock, without a server, whose messages are answered by hand. */
export interface GatewayByHand {
  readonly gateway: Gateway;
  readonly manager: ChannelManager;
  readonly clock: VirtualClock;
  readonly handed: HandedMessage[];
  /** Sends a request as a program does. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Says something over HTTP. */
  chat(body: object, headers?: Record<string, string>): Promise<Response>;
  /** Begins a session: a message is accepted, and its reply goes to those who follow. */
  begin(): Promise<{ readonly session: string; readonly event: string }>;
  /** Answers the last message. */
  answer(text: string): Promise<void>;
}

export async function aGatewayByHand(
  options: GatewayOptions = {},
  definition: Partial<ChannelDefinition> = {},
): Promise<GatewayByHand> {
  const clock = new VirtualClock();
  const gateway = createGateway({ clock, allowNoOrigin: true, ...options });
  const handed: HandedMessage[] = [];
  const manager = new ChannelManager({
    clock,
    random: seededRandom(1),
    handler: (message, { reply, signal }) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        handed.push({ message, reply, signal, end });
        signal.addEventListener('abort', () => end());
      }),
  });
  manager.add({ id: 'web', channel: gateway.channel, ...definition });
  await manager.start();
  await clock.settle();
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    gateway.handle(new Request(`http://localhost${path}`, init));
  const chat: GatewayByHand['chat'] = (body, headers = {}) =>
    request('/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    gateway,
    manager,
    clock,
    handed,
    request,
    chat,
    begin: async () => {
      const response = await chat({ message: 'hello' }, { prefer: 'respond-async' });
      await clock.settle();
      return (await response.json()) as { session: string; event: string };
    },
    answer: async (text) => {
      await handed.at(-1)?.reply.final(text);
      handed.at(-1)?.end();
      await clock.settle();
    },
  };
}

/** One event of a stream. */
export interface ReadEvent {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** Reads an event stream as it comes. */
export interface EventReader {
  /** What came so far; the events without a name are left out. */
  readonly events: readonly ReadEvent[];
  /** The names and, where there is one, the text, the session or the reason. */
  told(): readonly string[];
  /** All that came, as it was sent. */
  readonly text: () => string;
  readonly isOver: () => boolean;
  leave(): Promise<void>;
}

export function readEvents(response: Response): EventReader {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const events: ReadEvent[] = [];
  let text = '';
  let rest = '';
  let isOver = false;
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const piece = decoder.decode(value, { stream: true });
      text += piece;
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop() ?? '';
      events.push(...blocks.flatMap(eventOf));
    }
  };
  const over = (): void => {
    isOver = true;
  };
  void pump().then(over, over);
  return {
    events,
    text: () => text,
    isOver: () => isOver,
    told: () => events.map(({ name, data }) => toldBy(name, data as Record<string, unknown>)),
    leave: () => reader.cancel(),
  };
}

function eventOf(block: string): ReadEvent[] {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  const name = field('event');
  if (name === undefined) return [];
  return [{ id: field('id') ?? '', name, data: JSON.parse(field('data') ?? 'null') }];
}

function toldBy(name: string, data: Record<string, unknown>): string {
  const detail = data['content'] ?? data['message'] ?? data['reason'] ?? data['code'];
  return typeof detail === 'string' ? `${name} ${detail}` : name;
}
