/** How many connections stay open: WebSockets and event streams, in all and for each client. */
export class ConnectionCount {
  readonly #maxTotal: number;
  readonly #maxPerClient: number;
  readonly #perClient = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly maxSockets: number; readonly maxSocketsPerClient: number }) {
    this.#maxTotal = limits.maxSockets;
    this.#maxPerClient = limits.maxSocketsPerClient;
  }

  /** How many there are. */
  get total(): number {
    return this.#total;
  }

  /** Whether `client` may open one more. */
  hasRoomFor(client: string): boolean {
    const own = this.#perClient.get(client) ?? 0;
    return this.#total < this.#maxTotal && own < this.#maxPerClient;
  }

  /** Counts one that was opened. */
  add(client: string): void {
    this.#total += 1;
    this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1);
  }

  /** Counts one that was closed. */
  remove(client: string): void {
    this.#total -= 1;
    const left = (this.#perClient.get(client) ?? 1) - 1;
    if (left === 0) this.#perClient.delete(client);
    else this.#perClient.set(client, left);
  }
}
