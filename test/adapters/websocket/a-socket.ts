import type { ClientSocket, ClientSocketEvent } from '@sluice/adapters/websocket';

type Listener = (event: ClientSocketEvent) => void;

/** The client's side of a socket whose other side is the test. */
export class ASocket implements ClientSocket {
  readyState = 0;
  bufferedAmount = 0;
  /** What was sent, parsed. */
  readonly sent: { readonly type: string; readonly [field: string]: unknown }[] = [];
  /** The codes that it was closed with by our side. */
  readonly closes: (number | undefined)[] = [];
  readonly #listeners = new Map<string, Set<Listener>>();

  open(): void {
    this.readyState = 1;
    this.#emit('open', {});
  }

  /** Lets something come in. */
  say(data: unknown): void {
    this.#emit('message', { data });
  }

  /** Lets the connection end. */
  drop(code: number): void {
    this.readyState = 3;
    this.#emit('error', {});
    this.#emit('close', { code, reason: 'the peer says a secret' });
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string });
  }

  close(code?: number): void {
    this.closes.push(code);
    this.readyState = 2;
  }

  addEventListener(type: string, listener: Listener): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  #emit(type: string, event: Omit<ClientSocketEvent, 'type'>): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ type, ...event });
  }
}
