import type { Namespace } from '../../message/envelope.ts';
import { assistantMessage, type Message, textOf, userMessage } from '../../message/message.ts';
import { StoreConflictError } from '../../store/errors.ts';
import type { SessionStore } from '../../store/store.ts';
import { type ContractCheck, equal, must, thrownBy } from './check.ts';

const HERE: Namespace = ['gateway', 'room 1', 'ann'];

/** What every session store must do, as data: a test runner makes one test of each, with an empty store. */
export const storeContract: readonly ContractCheck<SessionStore>[] = [
  { name: 'knows nothing of a session that nobody wrote', check: startsEmpty },
  { name: 'gives back what was appended, in order', check: keepsOrder },
  { name: 'gives another version with every append', check: movesTheVersion },
  { name: 'refuses a write on an old version, and stores nothing of it', check: refusesStale },
  { name: 'lets one of two writers win who read the same version', check: letsOneWin },
  { name: 'keeps namespaces apart, however their segments are written', check: keepsApart },
  { name: 'forgets a deleted session', check: forgets },
  { name: 'deletes what it does not know without a word', check: deletesUnknown },
  { name: 'never gives a deleted session a version that it had', check: neverReusesVersions },
  { name: 'refuses a writer whose fence is older than the newest', check: refusesOldFence },
  { name: 'is not changed through what it was given or gave', check: isIsolated },
  { name: 'stores nothing for a writer who has left', check: heedsAbort },
];

async function startsEmpty(store: SessionStore): Promise<void> {
  const session = await store.load(HERE);

  equal(session.version, 0, 'the version of an unknown session');
  equal(session.messages.length, 0, 'the number of its messages');
}

async function keepsOrder(store: SessionStore): Promise<void> {
  const version = await store.append(HERE, exchange('one'), { expectVersion: 0 });

  await store.append(HERE, exchange('two'), { expectVersion: version });

  equal(await textsIn(store, HERE), 'one|re: one|two|re: two', 'the messages');
}

async function movesTheVersion(store: SessionStore): Promise<void> {
  const first = await store.append(HERE, exchange('one'), { expectVersion: 0 });
  const second = await store.append(HERE, exchange('two'), { expectVersion: first });

  must(first > 0 && second > first, `Versions must grow, but went 0, ${first}, ${second}`);
  equal((await store.load(HERE)).version, second, 'the version that is loaded');
}

async function refusesStale(store: SessionStore): Promise<void> {
  await store.append(HERE, exchange('one'), { expectVersion: 0 });

  const error = await thrownBy(() => store.append(HERE, exchange('two'), { expectVersion: 0 }));

  must(StoreConflictError.is(error), 'A write on an old version must throw a StoreConflictError');
  equal(error.conflict.kind, 'version', 'the kind of the conflict');
  equal(await textsIn(store, HERE), 'one|re: one', 'the messages');
}

async function letsOneWin(store: SessionStore): Promise<void> {
  const writers = ['a', 'b', 'c'].map((text) =>
    store.append(HERE, exchange(text), { expectVersion: 0 }),
  );

  const results = await Promise.allSettled(writers);

  equal(results.filter(({ status }) => status === 'fulfilled').length, 1, 'the number of winners');
  equal((await store.load(HERE)).messages.length, 2, 'the number of messages');
}

async function keepsApart(store: SessionStore): Promise<void> {
  const twins: readonly Namespace[] = [['a', 'b'], ['a:b'], ['a%3Ab'], ['a', 'b', ''], ['A', 'b']];
  for (const twin of twins) {
    await store.append(twin, exchange(twin.join('/')), { expectVersion: 0 });
  }

  for (const twin of twins) {
    const text = twin.join('/');
    equal(await textsIn(store, twin), `${text}|re: ${text}`, 'the messages of one namespace');
  }
}

async function forgets(store: SessionStore): Promise<void> {
  await store.append(HERE, exchange('one'), { expectVersion: 0 });

  await store.delete(HERE);

  equal((await store.load(HERE)).messages.length, 0, 'the number of messages');
  equal((await store.load(HERE)).version, 0, 'the version');
}

async function deletesUnknown(store: SessionStore): Promise<void> {
  await store.delete(HERE);

  equal((await store.load(HERE)).version, 0, 'the version');
}

async function neverReusesVersions(store: SessionStore): Promise<void> {
  const before = await store.append(HERE, exchange('one'), { expectVersion: 0 });
  await store.delete(HERE);

  const after = await store.append(HERE, exchange('two'), { expectVersion: 0 });

  must(after !== before, 'A writer who read the deleted session could write to the new one');
}

async function refusesOldFence(store: SessionStore): Promise<void> {
  const version = await store.append(HERE, exchange('new'), { expectVersion: 0, fence: 2 });

  const error = await thrownBy(() =>
    store.append(HERE, exchange('old'), { expectVersion: version, fence: 1 }),
  );

  must(StoreConflictError.is(error), 'An older fence must throw a StoreConflictError');
  equal(error.conflict.kind, 'fence', 'the kind of the conflict');
  must(!error.retryable, 'Trying again cannot help whom the session does not belong to');
  equal(await textsIn(store, HERE), 'new|re: new', 'the messages');
}

async function isIsolated(store: SessionStore): Promise<void> {
  const given: Message[] = [...exchange('one')];
  await store.append(HERE, given, { expectVersion: 0 });
  const got = (await store.load(HERE)).messages;

  given.pop();
  must(Array.isArray(got), 'Messages must be an array');
  thrownBySync(() => got.pop()); // it may be frozen

  equal(await textsIn(store, HERE), 'one|re: one', 'the messages');
}

async function heedsAbort(store: SessionStore): Promise<void> {
  const reason = new Error('left');
  const options = { expectVersion: 0, signal: AbortSignal.abort(reason) };

  const error = await thrownBy(() => store.append(HERE, exchange('one'), options));

  equal(error, reason, 'what an aborted append throws');
  equal((await store.load(HERE)).messages.length, 0, 'the number of messages');
}

function exchange(text: string): readonly Message[] {
  return [userMessage(text), assistantMessage(`re: ${text}`)];
}

async function textsIn(store: SessionStore, namespace: Namespace): Promise<string> {
  const { messages } = await store.load(namespace);
  return messages.map(textOf).join('|');
}

function thrownBySync(work: () => unknown): void {
  try {
    work();
  } catch {
    // a store may freeze what it gives
  }
}
