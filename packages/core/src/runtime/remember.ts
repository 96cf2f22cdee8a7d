import type { Namespace } from '../message/envelope.ts';
import type { Message } from '../message/message.ts';
import { StoreConflictError } from '../store/errors.ts';
import type { SessionStore } from '../store/store.ts';

/** What was said in one turn, and the version of the session that it follows. */
export interface Exchange {
  readonly namespace: Namespace;
  readonly version: number;
  readonly messages: readonly Message[];
}

/** How often an exchange is written anew after somebody else wrote to the same session in the meantime. */
const MAX_APPENDS = 3;

/**
 * Appends an exchange to its session, whole. What another process wrote in the meantime stays, and the exchange goes
 * after it: it has been answered, so forgetting it would help nobody.
 *
 * @throws {StoreConflictError} when the session belongs to somebody else, or changes faster than it can be written.
 * @throws `signal.reason` when the signal is aborted first.
 */
export async function remember(
  store: SessionStore,
  { namespace, version, messages }: Exchange,
  signal: AbortSignal,
): Promise<void> {
  let expectVersion = version;
  for (let appends = 1; ; appends += 1) {
    try {
      await store.append(namespace, messages, { expectVersion, signal });
      return;
    } catch (error) {
      const isStale = StoreConflictError.is(error) && error.conflict.kind === 'version';
      if (!isStale || appends === MAX_APPENDS) throw error;
      expectVersion = (await store.load(namespace, { signal })).version;
    }
  }
}
