import { LIMITS, type ServerTime } from './options.ts';

/** A reader who has shown the token. */
export interface ReaderSession {
  /** Streams that are open now. */
  streams: number;
}

/** Who asks, as far as the answer matters. */
export type Admission =
  | { readonly kind: 'admitted'; readonly session: ReaderSession }
  | { readonly kind: 'refused' }
  | { readonly kind: 'tooManyTries' };

const MINUTE_MS = 60_000;
/** Addresses whose wrong tries are counted; beyond it the one counted first starts afresh. */
const MAX_ADDRESSES = 1_000;

/** What a request shows of itself. */
export interface Credentials {
  readonly sessionId: string | undefined;
  readonly bearer: string | undefined;
  readonly address: string;
}

/** An answer to who may not. */
export type Refusal = Exclude<Admission, { kind: 'admitted' }>;

/** Turns the token into sessions, and counts who tries wrong ones. */
export class Sessions {
  readonly #time: ServerTime;
  readonly #tokenDigest: Promise<Uint8Array>;
  readonly #sessions = new Map<string, ReaderSession>();
  readonly #bearer: ReaderSession = { streams: 0 };
  readonly #wrong = new Map<string, { count: number; since: number }>();

  constructor(token: string, time: ServerTime) {
    this.#time = time;
    this.#tokenDigest = digest(token);
  }

  /** Exchanges the token for a session's id, of 256 random bits. */
  async begin(token: string, address: string): Promise<string | Refusal> {
    const refusal = await this.#judge(token, address);
    if (refusal !== undefined) return refusal;
    const id = randomId();
    this.#sessions.set(id, { streams: 0 });
    forgetOldest(this.#sessions, LIMITS.sessions);
    return id;
  }

  /** Judges a request by its session's id, or else by its token. */
  async admit({ sessionId, bearer, address }: Credentials): Promise<Admission> {
    const session = sessionId === undefined ? undefined : this.#sessions.get(sessionId);
    if (session !== undefined) return { kind: 'admitted', session };
    if (bearer === undefined) return { kind: 'refused' };
    const refusal = await this.#judge(bearer, address);
    return refusal ?? { kind: 'admitted', session: this.#bearer };
  }

  /**
   * Compares digests, in a time that does not depend on where they differ. The tries are counted after the only wait, so
   * a thousand tries at once are still ten.
   */
  async #judge(token: string, address: string): Promise<Refusal | undefined> {
    const [given, right] = await Promise.all([digest(token), this.#tokenDigest]);
    if (this.#isBarred(address)) return { kind: 'tooManyTries' };
    let difference = 0;
    for (let i = 0; i < right.length; i += 1) difference |= (given[i] ?? 0) ^ (right[i] ?? 0);
    if (difference === 0) return undefined;
    this.#countWrong(address);
    return { kind: 'refused' };
  }

  #isBarred(address: string): boolean {
    const tries = this.#wrong.get(address);
    if (tries === undefined) return false;
    if (this.#time.now() - tries.since <= MINUTE_MS) return tries.count >= LIMITS.wrongTokens;
    this.#wrong.delete(address);
    return false;
  }

  #countWrong(address: string): void {
    const tries = this.#wrong.get(address);
    if (tries !== undefined) {
      tries.count += 1;
      return;
    }
    this.#wrong.set(address, { count: 1, since: this.#time.now() });
    forgetOldest(this.#wrong, MAX_ADDRESSES);
  }
}

function forgetOldest(map: Map<string, unknown>, bound: number): void {
  const [oldest] = map.keys();
  if (map.size > bound && oldest !== undefined) map.delete(oldest);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** Draws 32 bytes of the runtime's cryptographic chance, in URL-safe characters. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
