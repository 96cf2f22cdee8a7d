import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A frame as it came. */
export interface HubFrame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A message that waits for its answer. */
interface Asked {
  readonly id: string;
  readonly text: string;
  readonly conversation: string;
}

/** An answer that the hub has got. */
export interface Answered {
  readonly id: string;
  readonly conversation: string;
  readonly text: string;
  /** The keys of its final pieces: more than one would be more than one answer. */
  readonly keys: Set<string>;
}

/**
 * A WebSocket server to which a channel connects: it asks, sends again at each `hello` what was not answered, and says
 * which answers it has.
 */
export class AHub implements AsyncDisposable {
  readonly url: string;
  /** Every frame that came, over all connections. */
  readonly frames: HubFrame[] = [];
  /** The answers, in the order in which they came first. */
  readonly answers: Answered[] = [];
  /** How often a channel has connected. */
  connections = 0;

  readonly #server: WebSocketServer;
  readonly #unanswered = new Map<string, Asked>();
  readonly #byId = new Map<string, Answered>();
  readonly #wakes = new Set<() => void>();
  #socket: WebSocket | undefined;
  #session: unknown;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async listen(): Promise<AHub> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new AHub(server);
  }

  /** Asks something, now or as soon as somebody takes messages. */
  ask(asked: Asked): void {
    this.#unanswered.set(asked.id, asked);
    this.#send(asked);
  }

  /** Sends text to the channel as it is. */
  sendRaw(text: string): void {
    this.#socket?.send(text);
  }

  /** Cuts the connection as a crash would: no close frame, and what is under way is lost. */
  crash(): void {
    this.#session = undefined;
    this.#socket?.terminate();
  }

  /** Closes the connection in good order. */
  hangUp(code: number): void {
    this.#socket?.close(code);
  }

  /** Resolves once `isMet` holds; looked at after each frame and each connection. */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise<void>((resolve) => this.#wakes.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(socket: WebSocket): void {
    this.connections += 1;
    this.#socket = socket;
    this.#session = undefined;
    socket.on('message', (data: Buffer) => {
      this.#heard(JSON.parse(data.toString()) as HubFrame, socket);
      this.#wake();
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#session = undefined;
      this.#wake();
    });
    this.#wake();
  }

  #heard(frame: HubFrame, socket: WebSocket): void {
    this.frames.push(frame);
    if (frame.type === 'ping') socket.send('{"type":"pong"}');
    if (frame.type === 'final') this.#answered(frame, socket);
    if (frame.type !== 'hello' || socket !== this.#socket) return;
    this.#session = frame['session'];
    for (const asked of this.#unanswered.values()) this.#send(asked);
  }

  #answered(frame: HubFrame, socket: WebSocket): void {
    const [id, key, text] = [frame['replyTo'], frame['key'], frame['text']].map(String);
    const asked = this.#unanswered.get(id ?? '');
    if (asked !== undefined) {
      this.#unanswered.delete(asked.id);
      const answer = { ...asked, text: text ?? '', keys: new Set<string>() };
      this.#byId.set(asked.id, answer);
      this.answers.push(answer);
    }
    this.#byId.get(id ?? '')?.keys.add(key ?? '');
    socket.send(JSON.stringify({ type: 'received', key }));
  }

  #send(asked: Asked): void {
    if (this.#session === undefined) return;
    this.#socket?.send(JSON.stringify({ type: 'message', session: this.#session, ...asked }));
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }
}
