// A process of its own: many honest clients of one gateway. Told what to do, and asked what came of it, by its parent.
import { WebSocket } from 'ws';

/** What the parent tells. */
export type ClientsOrder =
  /** Opens clients, each with a session and, where the gateway has a login, a token of its own. */
  | { readonly type: 'connect'; readonly url: string; readonly clients: number }
  /** Says so many messages a second, the clients in turn, for so long. */
  | { readonly type: 'talk'; readonly perSecond: number; readonly seconds: number }
  /** Cuts so many connections at once, and resumes them. */
  | { readonly type: 'storm'; readonly clients: number };

/** What the parent is told. */
export interface ClientsReport {
  readonly ms: number;
  readonly sent: number;
  readonly answered: number;
  /** Answers that nobody had asked for, or that came twice. */
  readonly strange: number;
  /** Connections that ended without being asked to. */
  readonly dropped: number;
  /** Gaps that the gateway told of. */
  readonly gaps: number;
  /** Connections that were not let in at once. */
  readonly refused: number;
  /** From the moment at which a message was due, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** How many connections are opened at a time. */
const PARALLEL = 100;
/** How long stragglers are waited for. */
const TAIL_MS = 20_000;

interface Client {
  readonly name: string;
  socket: WebSocket | undefined;
  session: string;
  lastEvent: string | undefined;
}

const NOT_YET = { socket: undefined, lastEvent: undefined } as const;

const clients: Client[] = [];
const due = new Map<string, number>();
let latencies: number[] = [];
let strange = 0;
let dropped = 0;
let gaps = 0;
let refused = 0;
let url = '';
let nextMessage = 0;

process.on('message', (order: ClientsOrder) => {
  void obey(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());

async function obey(order: ClientsOrder): Promise<ClientsReport> {
  const startedAt = performance.now();
  latencies = [];
  strange = 0;
  dropped = 0;
  gaps = 0;
  refused = 0;
  const sent = await acted(order);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    ms: performance.now() - startedAt,
    sent,
    answered: latencies.length,
    strange,
    dropped,
    gaps,
    refused,
    latency: { p50: at(0.5), p99: at(0.99), max: at(1) },
  };
}

async function acted(order: ClientsOrder): Promise<number> {
  switch (order.type) {
    case 'connect':
      ({ url } = order);
      await inBatches(order.clients, async (at) => {
        const client: Client = { name: `good-${at}`, session: '', ...NOT_YET };
        clients.push(client);
        await join(client);
      });
      return 0;
    case 'talk':
      return talk(order);
    case 'storm':
      for (const client of clients.slice(0, order.clients)) {
        client.socket?.removeAllListeners('close');
        client.socket?.terminate();
      }
      await inBatches(order.clients, async (at) => {
        await join(clients[at] as Client);
      });
      return 0;
  }
}

async function talk({
  perSecond,
  seconds,
}: Extract<ClientsOrder, { type: 'talk' }>): Promise<number> {
  const startedAt = performance.now();
  const total = perSecond * seconds;
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const owed = Math.min(total, ((performance.now() - startedAt) / 1_000) * perSecond);
      for (; sent < owed; sent += 1) say(startedAt + (sent / perSecond) * 1_000);
      if (sent < total) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  const giveUpAt = performance.now() + TAIL_MS;
  while (due.size > 0 && performance.now() < giveUpAt) await pause(20);
  due.clear();
  return sent;
}

function say(dueAt: number): void {
  nextMessage += 1;
  const { socket } = clients[nextMessage % clients.length] as Client;
  const id = `m${nextMessage}`;
  due.set(id, dueAt);
  socket?.send(JSON.stringify({ type: 'chat', id, message: id }));
}

function open(name: string): WebSocket {
  return new WebSocket(`${url.replace('http', 'ws')}/ws`, {
    origin: url,
    headers: { authorization: `Bearer ${name}` },
    perMessageDeflate: false,
  });
}

/** Connects, and tries again as every client does when the machine has no time for it. */
async function join(client: Client): Promise<void> {
  for (;;) {
    client.socket = open(client.name);
    try {
      return await listen(client, client.socket);
    } catch {
      refused += 1;
      await pause(500);
    }
  }
}

/** Resolves once the gateway has said `resumed`. */
function listen(client: Client, socket: WebSocket): Promise<void> {
  const { session, lastEvent } = client;
  let isJoined = false;
  return new Promise((resolve, reject) => {
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      if (isJoined) dropped += 1;
      else reject(new Error('The connection was refused'));
    });
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          type: 'resume',
          ...(session === '' ? {} : { session }),
          after: lastEvent ?? null,
        }),
      ),
    );
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Record<string, unknown>;
      hear(client, frame);
      if (frame['type'] !== 'resumed') return;
      isJoined = true;
      resolve();
    });
  });
}

function hear(client: Client, frame: Readonly<Record<string, unknown>>): void {
  if (typeof frame['event'] === 'string') client.lastEvent = frame['event'];
  if (frame['type'] === 'gap') gaps += 1;
  if (frame['type'] === 'resumed') client.session = String(frame['session']);
  if (frame['type'] !== 'response') return;
  const id = String(frame['id']);
  const dueAt = due.get(id);
  due.delete(id);
  if (dueAt === undefined || frame['message'] !== `re ${id}`) strange += 1;
  else latencies.push(performance.now() - dueAt);
}

async function inBatches(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next; at < count; at = next) {
      next += 1;
      await work(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, worker));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
