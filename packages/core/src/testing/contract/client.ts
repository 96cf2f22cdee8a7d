import type { Clock } from '../../base/clock.ts';
import type { CallContext, Client } from '../../client/client.ts';
import { ProviderError, type ProviderErrorKind } from '../../client/errors.ts';
import type { CompletionChunk, CompletionRequest } from '../../message/completion.ts';
import { userMessage } from '../../message/message.ts';
import type { ScriptedReply } from '../scripted-client.ts';
import { type ContractCheck, equal, must, thrownBy } from './check.ts';
import { watchedSignal } from './watched-signal.ts';

/**
 * What the client contract is run against: a client whose upstream does as scripted. Each check gets a fresh one, and
 * the runner disposes of it afterwards.
 */
export interface ClientSubject {
  /** The clock that the client and the pools around it run on. */
  readonly clock: Clock;
  /** Lets `durationMs` pass on that clock: moves a virtual one on, waits on the real one. */
  pass(durationMs: number): Promise<void>;
  /** Makes a client of the upstream, without asking it anything. */
  makeClient(): Client | Promise<Client>;
  /** Adds replies to the upstream's script: each is the answer to one request, in order. */
  script(...replies: readonly ScriptedReply[]): void;
  /** How many requests have reached the upstream. */
  requests(): number;
  /** Resolves once the upstream has seen that `count` requests in all were left before their end. */
  whenAborted(count: number): Promise<void>;
}

const REQUEST: CompletionRequest = { messages: [userMessage('What is a sluice?')] };

/** What every client of every provider must do, as data: a test runner makes one test of each. */
export const clientContract: readonly ContractCheck<ClientSubject>[] = [
  { name: 'streams the answer in pieces, and what it adds up to last', check: streamsAnAnswer },
  { name: 'streams the same answer whatever its pieces hold', check: keepsEveryCharacter },
  { name: 'sends nothing until it is iterated', check: isCold },
  { name: 'makes one request of each iteration', check: asksOncePerIteration },
  { name: 'tells the status before the first chunk, once', check: tellsTheStatus },
  { name: 'tells the status of a refusal too', check: tellsTheStatusOfRefusal },
  { name: 'tells of every piece that arrives, before the first chunk it makes', check: isAlive },
  { name: 'aborts the request when the reader leaves', check: returnAborts },
  { name: 'rejects with the reason when it is aborted in mid-stream', check: rejectsInMidStream },
  { name: 'rejects with the reason when it is aborted before the answer', check: rejectsEarly },
  { name: 'asks nothing when its signal was aborted before', check: rejectsBeforehand },
  { name: 'leaves no listener on the signal after a whole answer', check: leavesNoListener },
  { name: 'leaves no listener on the signal after a fault', check: leavesNoListenerAfterFault },
  { name: 'calls a connection that broke network', check: failing('network', { kind: 'reset' }) },
  {
    name: 'calls what nobody can read malformed',
    check: failing('malformed', { kind: 'malformed' }),
  },
  { name: 'fails when the answer carries an error', check: failsOnErrorInAnswer },
  { name: 'never takes an answer without its end for a whole one', check: neverTakesCutForWhole },
  { name: 'calls 401 auth', check: refused(401, 'auth') },
  { name: 'calls 403 permission', check: refused(403, 'permission') },
  { name: 'calls 404 not-found', check: refused(404, 'not-found') },
  { name: 'calls 400 bad-request', check: refused(400, 'bad-request') },
  { name: 'calls 500 server', check: refused(500, 'server') },
  { name: 'calls 503 overloaded', check: refused(503, 'overloaded') },
  { name: 'calls 529 overloaded', check: refused(529, 'overloaded') },
  { name: 'calls 429 rate-limit and tells how long to wait', check: tellsRetryAfter },
  { name: 'works again after a fault', check: worksAfterFault },
];

async function streamsAnAnswer(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const usage = { input: { total: 7 }, output: { total: 2 } };
  subject.script({ pieces: ['A gate', ' for water'], usage });

  const chunks = await readAll(client.stream(REQUEST, context()));

  equal(textOf(chunks), 'A gate for water', 'the text of the answer');
  const last = chunks.at(-1);
  must(last?.type === 'done', 'The last chunk must be done');
  equal(chunks.filter((chunk) => chunk.type === 'done').length, 1, 'the number of done chunks');
  equal(last.finish.reason, 'stop', 'the reason to finish');
  equal(last.usage.input.total, 7, 'the input tokens');
  equal(last.usage.output.total, 2, 'the output tokens');
  const [part] = last.message.content;
  must(part?.type === 'text' && part.text === 'A gate for water', 'done must hold the message');
  equal(last.attempts.length, 0, 'the attempts that a client lists');
}

async function keepsEveryCharacter(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const pieces = ['Schleuse 🌊', '\n\n', 'data: [DONE]', '"quoted"\\', '\u{1F469}\u200D\u{1F680}é'];
  subject.script({ pieces });

  const chunks = await readAll(client.stream(REQUEST, context()));

  equal(textOf(chunks), pieces.join(''), 'the text of the answer');
}

async function isCold(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();

  client.stream(REQUEST, context());
  await subject.pass(20);

  equal(subject.requests(), 0, 'the requests before iterating');
}

async function asksOncePerIteration(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ pieces: ['one'] }, { pieces: ['two'] });

  const first = await readAll(client.stream(REQUEST, context()));
  const second = await readAll(client.stream(REQUEST, context()));

  equal(subject.requests(), 2, 'the requests');
  equal(`${textOf(first)} ${textOf(second)}`, 'one two', 'the answers');
}

async function tellsTheStatus(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const heard: string[] = [];
  const onMeta: CallContext['onMeta'] = (meta) => heard.push(String(meta.status));
  subject.script({ pieces: ['one'] });

  for await (const chunk of client.stream(REQUEST, context({ onMeta }))) heard.push(chunk.type);

  equal(heard[0], '200', 'what is heard first');
  equal(heard.filter((entry) => entry === '200').length, 1, 'how often the status is told');
}

async function tellsTheStatusOfRefusal(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const heard: number[] = [];
  const onMeta: CallContext['onMeta'] = ({ status }) => heard.push(status);
  subject.script({ end: { kind: 'status', status: 429 } });

  await thrownBy(() => readAll(client.stream(REQUEST, context({ onMeta }))));

  equal(heard.join(', '), '429', 'the statuses heard');
}

/** Silence is counted by it: a client that does not tell would be given up in the middle of a lively answer. */
async function isAlive(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const heard: string[] = [];
  const onBytes = (): void => void heard.push('bytes');
  subject.script({ pieces: ['one', 'two'] });

  for await (const chunk of client.stream(REQUEST, context({ onBytes }))) heard.push(chunk.type);

  must(heard.includes('bytes'), 'It must tell that something has arrived');
  must(heard.indexOf('bytes') < heard.indexOf('text'), 'It must tell so before it hands it out');
}

async function returnAborts(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ pieces: ['one'], end: { kind: 'stall' } });

  for await (const chunk of client.stream(REQUEST, context())) if (chunk.type === 'text') break;

  await subject.whenAborted(1);
}

async function rejectsInMidStream(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const watched = watchedSignal();
  const reason = new Error('the caller left');
  subject.script({ pieces: ['one'], end: { kind: 'stall' } });

  const thrown = await thrownBy(async () => {
    for await (const chunk of client.stream(REQUEST, context({ signal: watched.signal }))) {
      if (chunk.type === 'text') watched.abort(reason);
    }
  });

  must(thrown === reason, 'An abort must reject with the very reason');
  await subject.whenAborted(1);
  equal(watched.listeners(), 0, 'the listeners left on the signal');
}

async function rejectsEarly(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const watched = watchedSignal();
  const reason = new Error('the caller left');
  subject.script({ end: { kind: 'hang' } });

  const reading = readAll(client.stream(REQUEST, context({ signal: watched.signal })));
  const thrown = thrownBy(() => reading);
  await subject.pass(20);
  watched.abort(reason);

  must((await thrown) === reason, 'An abort must reject with the very reason');
  equal(watched.listeners(), 0, 'the listeners left on the signal');
}

async function rejectsBeforehand(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const watched = watchedSignal();
  const reason = new Error('the caller left');
  watched.abort(reason);

  const stream = client.stream(REQUEST, context({ signal: watched.signal }));
  const thrown = await thrownBy(() => readAll(stream));

  must(thrown === reason, 'An abort must reject with the very reason');
  equal(subject.requests(), 0, 'the requests');
}

async function leavesNoListener(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const watched = watchedSignal();
  subject.script({}, {}, {});

  for (let i = 0; i < 3; i += 1) {
    await readAll(client.stream(REQUEST, context({ signal: watched.signal })));
  }

  equal(watched.listeners(), 0, 'the listeners left on the signal');
}

async function leavesNoListenerAfterFault(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  const watched = watchedSignal();
  subject.script({ end: { kind: 'status', status: 500 } }, { end: { kind: 'reset' } });

  for (let i = 0; i < 2; i += 1) {
    await thrownBy(() => readAll(client.stream(REQUEST, context({ signal: watched.signal }))));
  }

  equal(watched.listeners(), 0, 'the listeners left on the signal');
}

async function failsOnErrorInAnswer(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ pieces: ['one'], end: { kind: 'error' } });

  const { text, thrown } = await readUntilFailure(client);

  equal(text, 'one', 'what came before the failure');
  must(ProviderError.is(thrown), 'The failure must be a ProviderError');
}

/** Throwing `truncated` and merely ending without `done` are both right: the pool around the client turns the latter into the former. */
async function neverTakesCutForWhole(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ pieces: ['one'], end: { kind: 'cut' } });
  const types: string[] = [];

  const thrown = await thrownBy(async () => {
    for await (const chunk of client.stream(REQUEST, context())) types.push(chunk.type);
  });

  must(!types.includes('done'), 'An answer without its end must not be done');
  must(types.includes('text'), 'What came before the cut must be handed out');
  if (thrown === undefined) return;
  must(ProviderError.is(thrown) && thrown.kind === 'truncated', 'A cut must be called truncated');
}

async function tellsRetryAfter(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ end: { kind: 'status', status: 429, retryAfterMs: 2_000 } });

  const { thrown } = await readUntilFailure(client);

  must(ProviderError.is(thrown), 'The failure must be a ProviderError');
  equal(thrown.kind, 'rate-limit', 'the kind of failure');
  equal(thrown.retryAfterMs, 2_000, 'how long to wait');
}

async function worksAfterFault(subject: ClientSubject): Promise<void> {
  const client = await subject.makeClient();
  subject.script({ end: { kind: 'status', status: 500 } }, { pieces: ['well'] });

  await readUntilFailure(client);
  const chunks = await readAll(client.stream(REQUEST, context()));

  equal(textOf(chunks), 'well', 'the answer after the fault');
}

/** A check that a fault in mid-stream hands out what came before, then fails with `kind`. */
function failing(
  kind: ProviderErrorKind,
  end: NonNullable<ScriptedReply['end']>,
): (subject: ClientSubject) => Promise<void> {
  return async (subject) => {
    const client = await subject.makeClient();
    subject.script({ pieces: ['one'], end });

    const { text, thrown } = await readUntilFailure(client);

    equal(text, 'one', 'what came before the failure');
    must(ProviderError.is(thrown), 'The failure must be a ProviderError');
    equal(thrown.kind, kind, 'the kind of failure');
  };
}

/** A check that a status refuses the request with `kind`. */
function refused(
  status: number,
  kind: ProviderErrorKind,
): (subject: ClientSubject) => Promise<void> {
  return async (subject) => {
    const client = await subject.makeClient();
    subject.script({ end: { kind: 'status', status } });

    const { text, thrown } = await readUntilFailure(client);

    equal(text, '', 'what came before the failure');
    must(ProviderError.is(thrown), 'The failure must be a ProviderError');
    equal(thrown.kind, kind, 'the kind of failure');
    equal(thrown.status, status, 'the status in the failure');
  };
}

function context(more: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, ...more };
}

async function readAll(stream: AsyncIterable<CompletionChunk>): Promise<CompletionChunk[]> {
  const chunks: CompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function readUntilFailure(client: Client): Promise<{ text: string; thrown: unknown }> {
  const chunks: CompletionChunk[] = [];
  const thrown = await thrownBy(async () => {
    for await (const chunk of client.stream(REQUEST, context())) chunks.push(chunk);
  });
  return { text: textOf(chunks), thrown };
}

function textOf(chunks: readonly CompletionChunk[]): string {
  let text = '';
  for (const chunk of chunks) if (chunk.type === 'text') text += chunk.delta;
  return text;
}
