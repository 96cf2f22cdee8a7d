// A process of its own: clients of one gateway that mean it harm, again and again until the parent lets go.
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** What the parent tells, once. */
export interface HostileOrder {
  readonly url: string;
  readonly clients: number;
}

/** What the parent is told each half second: how often each kind struck, and how the gateway ended it. */
export interface HostileReport {
  readonly strikes: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
}

const strikes: Record<string, number> = {};
const ends: Record<string, number> = {};

/** How long one breathes between two strikes, and how long one strike may take, in milliseconds. */
const REST_MS = 200;
const STRIKE_MS = 20_000;

type Strike = (order: HostileOrder, at: number) => Promise<string>;

const KINDS: Readonly<Record<string, Strike>> = {
  'asks much and reads nothing': (order, at) =>
    overSocket(order, at, (socket) => {
      (socket as unknown as { _socket: Socket })._socket.pause();
      for (let count = 0; count < 30; count += 1) {
        say(socket, { type: 'chat', message: 'x'.repeat(60_000) });
      }
    }),
  'sends a huge frame': (order, at) =>
    overSocket(order, at, (socket) => socket.send('x'.repeat(1_000_000))),
  'sends deep JSON': (order, at) =>
    overSocket(order, at, (socket) => socket.send('['.repeat(60_000))),
  'sends many values': (order, at) =>
    overSocket(order, at, (socket) => socket.send(`[${'{},'.repeat(20_000)}{}]`)),
  floods: (order, at) =>
    overSocket(order, at, (socket) => {
      for (let count = 0; count < 1_000; count += 1) socket.send('{"type":"ping"}');
    }),
  'comes from another origin': (order, at) =>
    overSocket(order, at, () => undefined, 'http://evil.example'),
  'sends fragments without an end': (order, at) =>
    overSocket(order, at, (socket) => {
      for (let count = 0; count < 1_000; count += 1) socket.send('x', { fin: false });
    }),
  'sends bytes': (order, at) => overSocket(order, at, (socket) => socket.send(Buffer.alloc(1_000))),
  'sends heads slowly': ({ url }) => overTcp(url, 'POST /api/chat HTTP/1.1\r\nHost: 12'),
  'sends no WebSocket': ({ url }) => overTcp(url, '\u0016\u0003\u0001\u0002\r\n\r\n'),
};

process.once('message', (order: HostileOrder) => {
  const kinds = Object.entries(KINDS);
  for (let at = 0; at < order.clients; at += 1) {
    const [name, strike] = kinds[at % kinds.length] as [string, Strike];
    void keepOn(name, () => strike(order, at));
  }
  setInterval(() => process.send?.({ strikes, ends } satisfies HostileReport), 500);
});
process.on('disconnect', () => process.exit());

async function keepOn(name: string, strike: () => Promise<string>): Promise<never> {
  for (;;) {
    const end = await strike();
    strikes[name] = (strikes[name] ?? 0) + 1;
    ends[`${name}: ${end}`] = (ends[`${name}: ${end}`] ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}

function overSocket(
  { url }: HostileOrder,
  at: number,
  strike: (socket: WebSocket) => void,
  origin: string = url,
): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, {
    origin,
    headers: { authorization: `Bearer bad-${at}` },
  });
  return new Promise((resolve) => {
    const end = (how: string): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(how);
    };
    const timer = setTimeout(() => end('stayed'), STRIKE_MS);
    socket.on('open', () => strike(socket));
    socket.on('close', (code) => end(String(code)));
    socket.on('unexpected-response', (_request, { statusCode }) => end(String(statusCode)));
    socket.on('error', () => undefined); // `close` follows
  });
}

function overTcp(url: string, opening: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  return new Promise((resolve) => {
    let status = 'cut';
    socket.on('connect', () => socket.write(opening, 'latin1'));
    socket.on('data', (data: Buffer) => {
      status = /^HTTP\/1\.1 (\d{3})/.exec(data.toString('latin1'))?.[1] ?? status;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(status));
  });
}

function say(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame));
}
