import { createGateway, type Gateway } from '@sluice/adapters/gateway';
import { systemClock } from '@sluice/core';
import { channelContract, type ChannelSubject, type ShownToPeer } from '@sluice/core/testing';
import { describe, it } from 'vitest';

/** One peer of a gateway: says something in its one session, and keeps what it is shown. */
interface Peer {
  say(text: string): void | Promise<void>;
  readonly shown: ShownToPeer[];
}

describe.each([
  ['HTTP and JSON', overJson],
  ['HTTP and Server-Sent Events', overSse],
  ['the event stream of a session', overEvents],
  ['a WebSocket', (gateway: Gateway) => overSocket(gateway, [])],
  ['a WebSocket that resumes', (gateway: Gateway) => overSocket(gateway, [{ type: 'resume' }])],
])('a gateway over %s', (name, connect) => {
  // One JSON answer shows the end alone.
  const checks = channelContract.filter(
    (each) => name !== 'HTTP and JSON' || !each.name.includes('growing'),
  );

  it.each(checks)('$name', async (contract) => {
    await contract.check(aSubject(connect));
  });
});

function aSubject(connect: (gateway: Gateway) => Peer): ChannelSubject {
  const gateway = createGateway({ allowNoOrigin: true });
  const peer = connect(gateway);
  return {
    clock: systemClock,
    channel: gateway.channel,
    say: async (text) => {
      while (!gateway.stats().isAccepting) await turn(); // the check has only just begun to listen
      await peer.say(text);
    },
    shown: async (count) => {
      while (peer.shown.length < count) await turn();
      return peer.shown.slice(0, count);
    },
  };
}

function overJson(gateway: Gateway): Peer {
  const shown: ShownToPeer[] = [];
  // A JSON answer comes with the session's name, and a peer speaks before its first answer: it begins one by the way.
  let session: string | undefined;
  const say = async (text: string): Promise<void> => {
    session ??= sessionOf(gateway);
    void post(gateway, { message: text, session }).then(async (response) => {
      const body = (await response.json()) as { message?: string; error?: string };
      const kind = response.ok ? 'final' : 'error';
      shown.push({ kind, text: body.message ?? body.error ?? '' });
    });
    await turn();
  };
  return { say, shown };
}

/** Begins a session by a socket, as a page would. */
function sessionOf(gateway: Gateway): string {
  let session = '';
  const socket = gateway.connectSocket(
    {
      bufferedAmount: 0,
      send: (text) => {
        session = (JSON.parse(text) as { session?: string }).session ?? session;
      },
      close: () => undefined,
    },
    { client: 'address:unknown', owner: undefined },
  );
  socket.message('{"type":"resume"}');
  return session;
}

function overSse(gateway: Gateway): Peer {
  const shown: ShownToPeer[] = [];
  let session: string | undefined;
  const say = async (text: string): Promise<void> => {
    const response = await post(
      gateway,
      { message: text, session },
      { accept: 'text/event-stream' },
    );
    await new Promise<void>((resolve) => {
      void readFrames(response, (frame) => {
        session = (frame['session'] as string | undefined) ?? session;
        show(shown, frame);
        resolve(); // it was accepted
      });
    });
  };
  return { say, shown };
}

function overEvents(gateway: Gateway): Peer {
  const shown: ShownToPeer[] = [];
  const session = sessionOf(gateway);
  const following = gateway
    .handle(new Request(`http://localhost/api/sessions/${session}/events`))
    .then((response) => void readFrames(response, (frame) => show(shown, frame)));
  const say = async (text: string): Promise<void> => {
    await following;
    await post(gateway, { message: text, session }, { prefer: 'respond-async' });
  };
  return { say, shown };
}

function overSocket(gateway: Gateway, greetings: readonly object[]): Peer {
  const shown: ShownToPeer[] = [];
  const socket = gateway.connectSocket(
    {
      bufferedAmount: 0,
      send: (text) => show(shown, JSON.parse(text) as Record<string, unknown>),
      close: () => undefined,
    },
    { client: 'address:unknown', owner: undefined },
  );
  for (const greeting of greetings) socket.message(JSON.stringify(greeting));
  return { say: (message) => socket.message(JSON.stringify({ type: 'chat', message })), shown };
}

function show(shown: ShownToPeer[], frame: Readonly<Record<string, unknown>>): void {
  if (frame['type'] === 'text_delta') shown.push({ kind: 'delta', text: String(frame['content']) });
  if (frame['type'] === 'response') shown.push({ kind: 'final', text: String(frame['message']) });
  if (frame['type'] === 'error') shown.push({ kind: 'error', text: String(frame['error']) });
}

function post(
  gateway: Gateway,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return gateway.handle(
    new Request('http://localhost/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
}

async function readFrames(
  response: Response,
  onFrame: (frame: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const type = /^event: (.+)$/m.exec(block)?.[1];
      if (type !== undefined) onFrame({ type, ...dataOf(block) });
    }
  }
}

function dataOf(block: string): Readonly<Record<string, unknown>> {
  return JSON.parse(/^data: (.+)$/m.exec(block)?.[1] ?? '{}') as Record<string, unknown>;
}

/** Lets everything that is ready go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
