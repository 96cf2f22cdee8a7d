import {
  type ClientSocket,
  type ClientSocketEvent,
  connect,
  type ConnectionState,
  type ConnectOptions,
  type GatewayConnection,
  type ServerFrame,
} from '@sluice/adapters/gateway';
import { seededRandom } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';

/** A client's WebSocket without a network: the test is the gateway. */
export class ScriptedClientSocket implements ClientSocket {
  readonly bufferedAmount = 0;
  readonly sent: Readonly<Record<string, unknown>>[] = [];
  readonly protocols: readonly string[];
  readyState = 0;
  closedWith: number | undefined;
  readonly #listeners = new Map<string, Set<(event: ClientSocketEvent) => void>>();

  constructor(protocols: readonly string[]) {
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(code = 1000): void {
    this.closedWith ??= code;
    this.readyState = 2;
  }

  addEventListener(type: string, listener: (event: ClientSocketEvent) => void): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
  }

  removeEventListener(type: string, listener: (event: ClientSocketEvent) => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  /** What was sent of this type. */
  sentOf(type: string): readonly Readonly<Record<string, unknown>>[] {
    return this.sent.filter((frame) => frame['type'] === type);
  }

  /** The gateway has let it in. */
  open(): void {
    this.readyState = 1;
    this.#emit({ type: 'open' });
  }

  /** The gateway says something. */
  say(frame: object | string): void {
    this.#emit({
      type: 'message',
      data: typeof frame === 'string' ? frame : JSON.stringify(frame),
    });
  }

  /** The connection ends. */
  drop(code = 1006): void {
    this.readyState = 3;
    this.#emit({ type: 'close', code });
  }

  #emit(event: ClientSocketEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
  }
}

/** A connection and the world around it, moved by hand. */
export interface ConnectionByHand {
  readonly connection: GatewayConnection;
  readonly clock: VirtualClock;
  readonly sockets: ScriptedClientSocket[];
  /** The newest socket. */
  readonly socket: () => ScriptedClientSocket;
  readonly states: ConnectionState[];
  readonly frames: ServerFrame[];
  readonly page: { wake(): void; sleep(): void; readonly listeners: () => number };
  /** Lets the newest socket in, as a gateway does. */
  letIn(resumed?: {
    readonly session?: string;
    readonly pending?: readonly string[];
  }): Promise<void>;
}

export async function aConnection(options: ConnectOptions = {}): Promise<ConnectionByHand> {
  const clock = new VirtualClock();
  const sockets: ScriptedClientSocket[] = [];
  const wakes = new Set<() => void>();
  const sleeps = new Set<() => void>();
  const connection = connect({
    url: 'http://gateway.example',
    clock,
    random: seededRandom(7),
    connectSocket: (_url, protocols) => {
      const socket = new ScriptedClientSocket(protocols);
      sockets.push(socket);
      return socket;
    },
    page: {
      onWake: (fn) => {
        wakes.add(fn);
        return () => wakes.delete(fn);
      },
      onSleep: (fn) => {
        sleeps.add(fn);
        return () => sleeps.delete(fn);
      },
    },
    ...options,
  });
  const states: ConnectionState[] = [];
  const frames: ServerFrame[] = [];
  connection.state$.subscribe((state) => states.push(state));
  connection.frames$.subscribe((frame) => frames.push(frame));
  await clock.settle();
  const socket = (): ScriptedClientSocket => {
    const newest = sockets.at(-1);
    if (newest === undefined) throw new TypeError('No socket was made yet');
    return newest;
  };
  return {
    connection,
    clock,
    sockets,
    socket,
    states,
    frames,
    page: {
      wake: () => wakes.forEach((fn) => fn()),
      sleep: () => sleeps.forEach((fn) => fn()),
      listeners: () => wakes.size + sleeps.size,
    },
    letIn: async ({ session = 's1', pending = [] } = {}) => {
      socket().open();
      socket().say({ type: 'resumed', session, event: 't-0', pending });
      await clock.settle();
    },
  };
}
