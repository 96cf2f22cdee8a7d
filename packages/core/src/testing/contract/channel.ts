import type { Clock } from '../../base/clock.ts';
import type { Channel, SendOptions, Session } from '../../channel/channel.ts';
import { SendError } from '../../channel/errors.ts';
import { addressOf } from '../../channel/message-run.ts';
import type { InboundMessage, OutboundMessage } from '../../message/envelope.ts';
import { type ContractCheck, equal, must, thrownBy } from './check.ts';
import { watchedSignal } from './watched-signal.ts';

/** What a peer of a channel was shown. */
export interface ShownToPeer {
  readonly kind: 'delta' | 'final' | 'error';
  readonly text: string;
}

/** What the channel contract is run against: a channel with one peer that does as it is told. Each check gets a fresh one. */
export interface ChannelSubject {
  readonly clock: Clock;
  readonly channel: Channel;
  /** Lets the peer say something to the open session. */
  say(text: string): void | Promise<void>;
  /** Resolves with what the peer was shown, once it was shown `count` things in all. */
  shown(count: number): Promise<readonly ShownToPeer[]>;
  /** Ends the connection from the peer's side, where a peer can. */
  hangUp?(): void | Promise<void>;
}

/** What every channel must do, as data: a test runner makes one test of each. */
export const channelContract: readonly ContractCheck<ChannelSubject>[] = [
  {
    name: 'gives what was said, in order, each message under an id of its own',
    check: givesInOrder,
  },
  { name: 'names the same namespace for the same peer', check: keepsTheNamespace },
  { name: 'shows a reply to the one who asked', check: showsAReply },
  { name: 'shows an error text', check: showsAnError },
  { name: 'shows a growing reply in order, and the whole of it last', check: showsGrowth },
  {
    name: 'still sends replies when its messages are no longer taken',
    check: sendsWhenUnsubscribed,
  },
  { name: 'gives all that was said while it was held back', check: givesAfterPause },
  { name: 'returns from an aborted receive', check: returnsFromReceive },
  { name: 'tells once that it was closed, and can be closed twice', check: closesOnce },
  { name: 'closes when nobody waits for it any more', check: closesInHaste },
  { name: 'refuses to send when it is closed', check: refusesWhenClosed },
  { name: 'opens again after it was closed', check: opensAgain },
  { name: 'leaves no listener on the signal that it was opened with', check: leavesNoListener },
  { name: 'leaves nothing open when it is opened with an aborted signal', check: heedsAbort },
  { name: 'tells when its peer hangs up', check: tellsOfHangUp },
];

async function givesInOrder(subject: ChannelSubject): Promise<void> {
  await withSession(subject, async (session) => {
    const heard = listen(session);
    for (const text of ['one', 'two', 'three']) await subject.say(text);
    const messages = await heard.take(3);
    equal(messages.map(({ text }) => text).join(), 'one,two,three', 'what was heard');
    equal(new Set(messages.map(({ id }) => id)).size, 3, 'the number of ids');
    await heard.stop();
  });
}

async function keepsTheNamespace(subject: ChannelSubject): Promise<void> {
  await withSession(subject, async (session) => {
    const heard = listen(session);
    await subject.say('one');
    await subject.say('two');
    const [first, second] = await heard.take(2);
    must((first?.namespace.length ?? 0) > 0, 'A namespace must have at least one segment');
    equal(second?.namespace.join('/'), first?.namespace.join('/'), 'the namespace');
    await heard.stop();
  });
}

async function showsAReply(subject: ChannelSubject): Promise<void> {
  await withQuestion(subject, async (session, question) => {
    await session.send(final(question, 'the answer'), options());
    const [shown] = await subject.shown(1);
    equal(`${shown?.kind} ${shown?.text}`, 'final the answer', 'what the peer was shown');
  });
}

async function showsAnError(subject: ChannelSubject): Promise<void> {
  await withQuestion(subject, async (session, question) => {
    await session.sendError(addressOf(question), 'Sorry', options());
    const [shown] = await subject.shown(1);
    equal(`${shown?.kind} ${shown?.text}`, 'error Sorry', 'what the peer was shown');
  });
}

async function showsGrowth(subject: ChannelSubject): Promise<void> {
  if (subject.channel.capabilities?.streaming !== true) return; // it promises none
  await withQuestion(subject, async (session, question) => {
    const address = addressOf(question);
    for (const [part, text] of ['one ', 'two'].entries()) {
      await session.send({ ...address, part, body: { kind: 'delta', text } }, options());
    }
    await session.send({ ...final(question, 'one two'), part: 2 }, options());
    const shown = await subject.shown(3);
    const told = shown.map(({ kind, text }) => `${kind} ${text}`).join('|');
    equal(told, 'delta one |delta two|final one two', 'what the peer was shown');
  });
}

async function sendsWhenUnsubscribed(subject: ChannelSubject): Promise<void> {
  await withQuestion(subject, async (session, question) => {
    await session.send(final(question, 'late'), options());
    equal((await subject.shown(1))[0]?.text, 'late', 'what the peer was shown');
  });
}

async function givesAfterPause(subject: ChannelSubject): Promise<void> {
  await withSession(subject, async (session) => {
    if (session.pause === undefined) return; // it cannot be
    const heard = listen(session);
    session.pause();
    for (const text of ['one', 'two', 'three']) await subject.say(text);
    session.resume?.();
    const messages = await heard.take(3);
    equal(messages.map(({ text }) => text).join(), 'one,two,three', 'what was heard');
    await heard.stop();
  });
}

async function returnsFromReceive(subject: ChannelSubject): Promise<void> {
  await withSession(subject, async (session) => {
    const heard = listen(session);
    await heard.stop(); // would not end
  });
}

async function closesOnce(subject: ChannelSubject): Promise<void> {
  const session = await open(subject);
  await close(session);
  await close(session);
  const { kind } = await session.closed;
  must(kind === 'clean', `A session that was hung up must end cleanly, not with "${kind}"`);
}

async function closesInHaste(subject: ChannelSubject): Promise<void> {
  const session = await open(subject);
  const hurry = new AbortController();
  hurry.abort(new Error('No time left'));
  await session.close({ keepSession: false }, hurry.signal);
  await session.closed;
}

async function refusesWhenClosed(subject: ChannelSubject): Promise<void> {
  const session = await open(subject);
  const heard = listen(session);
  await subject.say('hello');
  const [question] = await heard.take(1);
  await heard.stop();
  await close(session);
  must(question !== undefined, 'A message must come in');
  const error = await thrownBy(async () => session.send(final(question, 'late'), options()));
  must(SendError.is(error), 'A closed session must refuse to send with a SendError');
}

async function opensAgain(subject: ChannelSubject): Promise<void> {
  await close(await open(subject));
  await showsAReply(subject);
}

async function leavesNoListener(subject: ChannelSubject): Promise<void> {
  const watched = watchedSignal();
  const { signal } = watched;
  const session = await subject.channel.open({ signal, clock: subject.clock });
  await close(session);
  equal(watched.listeners(), 0, 'the number of listeners on the signal');
}

async function heedsAbort({ channel, clock }: ChannelSubject): Promise<void> {
  const aborted = new AbortController();
  aborted.abort(new Error('No longer wanted'));
  let session: Session | undefined;
  await thrownBy(async () => {
    session = await channel.open({ signal: aborted.signal, clock });
  });
  if (session === undefined) return;
  await close(session);
  await session.closed;
}

async function tellsOfHangUp(subject: ChannelSubject): Promise<void> {
  if (subject.hangUp === undefined) return; // its peers cannot
  const session = await open(subject);
  const heard = listen(session);
  await subject.hangUp();
  await Promise.race([session.closed, heard.ended]);
  await heard.stop();
  await close(session);
}

function open({ channel, clock }: ChannelSubject): Promise<Session> {
  return channel.open({ signal: new AbortController().signal, clock });
}

function close(session: Session): Promise<void> {
  return session.close({ keepSession: false }, new AbortController().signal);
}

async function withSession(
  subject: ChannelSubject,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await open(subject);
  try {
    await work(session);
  } finally {
    await close(session);
  }
}

/** With one message that came in, and no more taken: how a supervisor answers while it drains. */
async function withQuestion(
  subject: ChannelSubject,
  work: (session: Session, question: InboundMessage) => Promise<void>,
): Promise<void> {
  await withSession(subject, async (session) => {
    const heard = listen(session);
    await subject.say('a question');
    const [question] = await heard.take(1);
    await heard.stop();
    must(question !== undefined, 'A message must come in');
    await work(session, question);
  });
}

/** Takes the messages of a session, pulled or pushed. */
interface Listening {
  /** Resolves with the first `count` messages. */
  take(count: number): Promise<readonly InboundMessage[]>;
  /** Takes no more. Resolves once the session has let go. */
  stop(): Promise<void>;
  /** Resolves when the source ends by itself. */
  readonly ended: Promise<void>;
}

function listen({ source }: Session): Listening {
  const messages: InboundMessage[] = [];
  const wakes = new Set<() => void>();
  const hear = (message: InboundMessage): void => {
    messages.push(message);
    for (const wake of wakes) wake();
  };
  const take = async (count: number): Promise<readonly InboundMessage[]> => {
    while (messages.length < count) await new Promise<void>((resolve) => wakes.add(resolve));
    return messages.slice(0, count);
  };
  return 'receive' in source ? pulling(source, hear, take) : pushed(source, hear, take);
}

function pushed(
  source: Exclude<Session['source'], { receive: unknown }>,
  hear: (message: InboundMessage) => void,
  take: Listening['take'],
): Listening {
  let end: () => void = nothing;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const subscription = source.subscribe({ next: hear, error: () => end(), complete: () => end() });
  return { take, ended, stop: async () => subscription.unsubscribe() };
}

function pulling(
  source: Extract<Session['source'], { receive: unknown }>,
  hear: (message: InboundMessage) => void,
  take: Listening['take'],
): Listening {
  const stopped = new AbortController();
  const read = async (): Promise<void> => {
    for (;;) {
      const message = await source.receive(stopped.signal);
      if (message === null) return;
      hear(message);
    }
  };
  const ended = read().catch(nothing); // an aborted receive rejects
  const stop = async (): Promise<void> => {
    stopped.abort(new Error('No more'));
    await ended;
  };
  return { take, ended, stop };
}

function final(question: InboundMessage, text: string): OutboundMessage {
  return { ...addressOf(question), part: 0, body: { kind: 'final', text } };
}

function options(): SendOptions {
  return { signal: new AbortController().signal, idempotencyKey: 'contract:0' };
}

function nothing(): void {}
