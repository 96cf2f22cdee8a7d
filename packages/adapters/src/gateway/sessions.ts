import { GatewaySession, type SessionTerms } from './session.ts';
import { unguessableId } from './unguessable-id.ts';

/** What sessions may be and hold. */
export interface GatewaySessionsOptions extends Omit<SessionTerms, 'onGrown'> {
  readonly maxSessions: number;
  /** Bytes that all logs may hold. */
  readonly maxLogBytes: number;
}

/** The sessions that a gateway has minted and still knows. Bounded: the one unused for longest is forgotten first. */
export class GatewaySessions {
  readonly #options: GatewaySessionsOptions;
  readonly #terms: SessionTerms;
  readonly #sessions = new Map<string, GatewaySession>();
  /** Sessions whose log holds something, the one that grew longest ago first. */
  readonly #logged = new Set<GatewaySession>();
  #logBytes = 0;

  constructor(options: GatewaySessionsOptions) {
    this.#options = options;
    this.#terms = { ...options, onGrown: (session, bytes) => this.#grown(session, bytes) };
  }

  /** How many sessions are known. */
  get size(): number {
    return this.#sessions.size;
  }

  /** About how many bytes their logs hold. */
  get logBytes(): number {
    return this.#logBytes;
  }

  /** Mints a session with an id of 192 random bits. */
  create(owner: string | undefined): GatewaySession {
    const session = new GatewaySession(unguessableId(), owner, this.#terms);
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > this.#options.maxSessions && oldest !== undefined) {
      this.forget(oldest);
    }
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
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#clear(session);
    session.end('session_ended');
  }

  #grown(session: GatewaySession, bytes: number): void {
    if (this.#sessions.get(session.id) !== session) return session.log.clear(); // forgotten: nobody can resume it
    this.#logBytes += bytes;
    this.#logged.delete(session);
    this.#logged.add(session);
    for (const oldest of this.#logged) {
      if (this.#logBytes <= this.#options.maxLogBytes) return;
      this.#clear(oldest);
    }
  }

  #clear(session: GatewaySession): void {
    if (!this.#logged.delete(session)) return;
    this.#logBytes -= session.log.bytes;
    session.log.clear();
  }
}
