import { ClientPool } from '../../client/client-pool.ts';
import { ProviderError, type ProviderErrorKind } from '../../client/errors.ts';
import type { CompletionStream } from '../../client/completion-stream.ts';
import type { CompletionRequest } from '../../message/completion.ts';
import { userMessage } from '../../message/message.ts';
import type { ScriptedEnd } from '../scripted-client.ts';
import { type ContractCheck, equal, must, thrownBy } from './check.ts';
import type { ClientSubject } from './client.ts';
import { watchedSignal } from './watched-signal.ts';

const REQUEST: CompletionRequest = { messages: [userMessage('What is a sluice?')] };

/** Short enough to wait for on the real clock, long enough for an answer on the loopback to come in. */
const TIMEOUT_MS = 300;

/** What every client must do once a client pool asks it, as data: a test runner makes one test of each. */
export const pooledClientContract: readonly ContractCheck<ClientSubject>[] = [
  { name: 'gives a whole answer through a pool', check: answers },
  { name: 'keeps what came before a cut', check: failing('truncated', { kind: 'cut' }) },
  {
    name: 'keeps what came before a broken connection',
    check: failing('network', { kind: 'reset' }),
  },
  {
    name: 'keeps what came before what nobody can read',
    check: failing('malformed', { kind: 'malformed' }),
  },
  { name: 'keeps what came before a silence, and ends it', check: endsASilence },
  { name: 'ends a wait for an answer that never comes', check: endsAHang },
  { name: 'goes on to another provider when it fails before its content', check: failsOver },
  { name: 'lets go of the request, and then of the lease, when its reader leaves', check: letsGo },
  { name: 'leaves no listener on a signal that many calls share', check: leavesNoListener },
];

async function answers(subject: ClientSubject): Promise<void> {
  subject.script({ pieces: ['A gate', ' for water'] });
  await usingPool(subject, async (clients) => {
    const { text, attempts } = await clients.complete(REQUEST);

    equal(text, 'A gate for water', 'the text of the answer');
    equal(attempts.length, 1, 'the attempts');
  });
}

/** A check that a fault in mid-stream fails with `kind`, and with what came before it. */
function failing(
  kind: ProviderErrorKind,
  end: ScriptedEnd,
): (subject: ClientSubject) => Promise<void> {
  return async (subject) => {
    subject.script({ pieces: ['Half'], end });
    await usingPool(subject, async (clients) => {
      const stream = clients.stream(REQUEST);

      const thrown = await thrownBy(() => drained(stream));

      mustBe(thrown, kind);
      equal(thrown.partial?.text, 'Half', 'what the failure kept');
      equal(stream.partial?.text, 'Half', 'what the stream kept');
    });
  };
}

async function endsASilence(subject: ClientSubject): Promise<void> {
  subject.script({ pieces: ['Half'], end: { kind: 'stall' } });
  await usingPool(subject, async (clients) => {
    const chunks = clients.stream(REQUEST)[Symbol.asyncIterator]();
    for (let type = ''; type !== 'text';) type = (await chunks.next()).value?.type ?? 'text';

    const thrown = thrownBy(() => chunks.next());
    await subject.pass(TIMEOUT_MS * 2);

    const error = await thrown;
    mustBe(error, 'idle-timeout');
    equal(error.partial?.text, 'Half', 'what the failure kept');
    await subject.whenAborted(1);
  });
}

async function endsAHang(subject: ClientSubject): Promise<void> {
  subject.script({ end: { kind: 'hang' } });
  await usingPool(subject, async (clients) => {
    const thrown = thrownBy(() => clients.complete(REQUEST));
    while (subject.requests() === 0) await subject.pass(0);
    await subject.pass(TIMEOUT_MS * 2);

    const error = await thrown;
    mustBe(error, 'first-byte-timeout');
    must(error.partial === undefined, 'Nothing came, so nothing is kept');
    await subject.whenAborted(1);
  });
}

async function failsOver(subject: ClientSubject): Promise<void> {
  subject.script({ end: { kind: 'status', status: 500 } }, { pieces: ['well'] });
  await usingPool(subject, async (clients) => {
    clients.register('second', { name: 'subject', createClient: () => subject.makeClient() });

    const { text, attempts } = await clients.complete(REQUEST);

    equal(text, 'well', 'the answer');
    equal(attempts.map(({ outcome }) => outcome).join(' '), 'failed finished', 'the attempts');
  });
}

async function letsGo(subject: ClientSubject): Promise<void> {
  subject.script({ pieces: ['Half'], end: { kind: 'stall' } });
  await usingPool(subject, async (clients) => {
    for await (const chunk of clients.stream(REQUEST)) if (chunk.type === 'text') break;

    await subject.whenAborted(1);
    equal(clients.stats()['first']?.inUse, 0, 'the leases after leaving');
  });
}

async function leavesNoListener(subject: ClientSubject): Promise<void> {
  const watched = watchedSignal();
  const { signal } = watched;
  subject.script({}, { end: { kind: 'status', status: 500 } }, {});
  await usingPool(subject, async (clients) => {
    for (let i = 0; i < 3; i += 1) await thrownBy(() => clients.complete(REQUEST, { signal }));

    equal(watched.listeners(), 0, 'the listeners left on the signal');
  });
}

/** Lends a client pool over the subject, and closes it whatever happens. */
async function usingPool(
  subject: ClientSubject,
  work: (clients: ClientPool) => Promise<void>,
): Promise<void> {
  const clients = new ClientPool({
    clock: subject.clock,
    timeouts: { firstByteMs: TIMEOUT_MS, firstContentMs: false, idleMs: TIMEOUT_MS },
    providers: { first: { name: 'subject', createClient: () => subject.makeClient() } },
  });
  try {
    await work(clients);
  } finally {
    const closed = clients.close();
    await subject.pass(TIMEOUT_MS);
    await closed;
  }
}

async function drained(stream: CompletionStream): Promise<void> {
  for await (const chunk of stream) if (chunk.type === 'done') return;
}

function mustBe(error: unknown, kind: ProviderErrorKind): asserts error is ProviderError {
  must(ProviderError.is(error), `The failure must be a ProviderError, not ${String(error)}`);
  equal(error.kind, kind, 'the kind of failure');
  equal(error.attempts.length, 1, 'the attempts in the failure');
}
