/** One conversation of a gateway. */
export interface GatewaySession {
  /** Unguessable; whoever knows it may speak in it. */
  readonly id: string;
  /** The principal it belongs to, when the gateway authenticates. */
  readonly owner: string | undefined;
  /** Unanswered messages. */
  pending: number;
}

/** The sessions that a gateway has minted and still knows. Bounded: the one unused for longest is forgotten first. */
export class GatewaySessions {
  readonly #maxSessions: number;
  readonly #sessions = new Map<string, GatewaySession>();

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  /** How many sessions are known. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Mints a session with an id of 192 random bits. */
  create(owner: string | undefined): GatewaySession {
    const session: GatewaySession = { id: unguessableId(), owner, pending: 0 };
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > this.#maxSessions && oldest !== undefined) this.forget(oldest);
    return session;
  }

  /** Finds a session that was minted here for this owner. A foreign one looks just like an unknown one. */
  find(id: string, owner: string | undefined): GatewaySession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.owner !== owner) return undefined;
    this.#sessions.delete(id); // and in again at the end: the first is the least recently used
    this.#sessions.set(id, session);
    return session;
  }

  /** Forgets a session: its id is unknown from now on. Replies that are under way still go out. */
  forget(id: string): void {
    this.#sessions.delete(id);
  }
}

/** 24 bytes of the runtime's cryptographic chance as 32 URL-safe characters. */
function unguessableId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
