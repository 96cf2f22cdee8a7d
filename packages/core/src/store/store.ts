import type { Namespace } from '../message/envelope.ts';
import type { Message } from '../message/message.ts';

/** What a store knows of one session. */
export interface StoredSession {
  /** The oldest first. */
  readonly messages: readonly Message[];
  /** 0 when nothing is stored. Only compare it: it grows with every write, by how much is the store's business. */
  readonly version: number;
}

/** On what terms messages are appended. */
export interface AppendOptions {
  /** The version that was read. The write is refused when the session has another by now. */
  readonly expectVersion: number;
  /**
   * The writer's fencing token, where ownership of sessions moves between processes: a store remembers the greatest it
   * has seen for a session and refuses writes with a smaller one. Default: not fenced.
   */
  readonly fence?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a store is read. */
export interface StoreReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps conversations by namespace, with optimistic versions: two writers that read the same version cannot both write.
 * An append is stored whole or not at all. A version is never given twice to one namespace, not even after a deletion.
 */
export interface SessionStore {
  /** Reads a session; an unknown one is empty, at version 0. */
  load(namespace: Namespace, options?: StoreReadOptions): Promise<StoredSession>;
  /**
   * Adds messages at the end and gives the new version.
   *
   * @throws {StoreConflictError} when the version is not the expected one or the fence is too small. Nothing is stored.
   */
  append(
    namespace: Namespace,
    messages: readonly Message[],
    options: AppendOptions,
  ): Promise<number>;
  /** Forgets a session. An unknown one is none the less gone. */
  delete(namespace: Namespace): Promise<void>;
}
