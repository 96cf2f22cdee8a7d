import { assertCount } from '../base/assert.ts';
import { formatNamespace, type Namespace } from '../message/envelope.ts';
import type { Message } from '../message/message.ts';
import { StoreConflictError } from './errors.ts';
import type { AppendOptions, SessionStore, StoredSession, StoreReadOptions } from './store.ts';

/** The bounds of a store in memory. */
export interface MemoryStoreOptions {
  /** How many sessions it keeps; beyond it the one that was used longest ago is forgotten. Default 10,000. */
  readonly maxSessions?: number | undefined;
  /** How many messages of a session it keeps; beyond it the oldest are forgotten. Default 1,000. */
  readonly maxMessages?: number | undefined;
}

/** The bounds that a store in memory has unless told otherwise. */
export const MEMORY_STORE_DEFAULTS: { readonly maxSessions: number; readonly maxMessages: number } =
  { maxSessions: 10_000, maxMessages: 1_000 };

interface Session {
  readonly messages: readonly Message[];
  readonly version: number;
  readonly fence: number | undefined;
}

const EMPTY: StoredSession = { messages: [], version: 0 };

/** Sessions in memory, bounded in number and in length. Gone with the process. */
export class MemorySessionStore implements SessionStore {
  readonly #maxSessions: number;
  readonly #maxMessages: number;
  /** In the order of use: a Map keeps the order of insertion, and using a session inserts it anew. */
  readonly #sessions = new Map<string, Session>();
  /** Shared by all sessions, so that one that comes back after it was forgotten has no version it had before. */
  #version = 0;

  /** @throws {TypeError} when a bound is not an integer of at least 1. */
  constructor(options: MemoryStoreOptions = {}) {
    this.#maxSessions = bound('maxSessions', options.maxSessions);
    this.#maxMessages = bound('maxMessages', options.maxMessages);
  }

  /** How many sessions are kept now. */
  get size(): number {
    return this.#sessions.size;
  }

  async load(namespace: Namespace, options?: StoreReadOptions): Promise<StoredSession> {
    options?.signal?.throwIfAborted();
    const key = formatNamespace(namespace);
    const session = this.#sessions.get(key);
    if (session === undefined) return EMPTY;
    this.#use(key, session);
    return { messages: session.messages, version: session.version };
  }

  async append(
    namespace: Namespace,
    messages: readonly Message[],
    options: AppendOptions,
  ): Promise<number> {
    options.signal?.throwIfAborted();
    const key = formatNamespace(namespace);
    const session = this.#sessions.get(key);
    refuseConflict(session, options);
    this.#version += 1;
    this.#use(key, {
      messages: Object.freeze(
        [...(session?.messages ?? []), ...messages].slice(-this.#maxMessages),
      ),
      version: this.#version,
      fence: options.fence ?? session?.fence,
    });
    this.#forgetOldest();
    return this.#version;
  }

  async delete(namespace: Namespace): Promise<void> {
    this.#sessions.delete(formatNamespace(namespace));
  }

  #use(key: string, session: Session): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
  }

  #forgetOldest(): void {
    if (this.#sessions.size <= this.#maxSessions) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}

function refuseConflict(
  session: Session | undefined,
  { expectVersion, fence }: AppendOptions,
): void {
  const newest = session?.fence;
  if (fence !== undefined && newest !== undefined && fence < newest) {
    throw new StoreConflictError({ kind: 'fence', fence, newest });
  }
  const actual = session?.version ?? 0;
  if (actual === expectVersion) return;
  throw new StoreConflictError({ kind: 'version', expected: expectVersion, actual });
}

function bound(name: keyof MemoryStoreOptions, value: number | undefined): number {
  const limit = value ?? MEMORY_STORE_DEFAULTS[name];
  assertCount(name, limit);
  return limit;
}
