import { inspect } from 'node:util';
import { createGatewayClient } from '@sluice/adapters/gateway';
import { createMockServer, type MockServer } from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import { ClientPool, type SluiceEvent } from '@sluice/core';
import { encodeEvent, encodeSnapshot } from '@sluice/core/events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aRunningGateway, openSocket, post, raw, ROOMY, until } from './a-gateway.ts';

// Of no known shape: what finds them must know their value, or must never have held them.
const KEY = 'canary+Key/81=of~the~account';
const SAID = 'CANARY-what-a-person-said';
const ANSWERED = 'CANARY-what-the-model-answered';

const OUTPUTS = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

afterEach(() => vi.restoreAllMocks());

describe('an engine behind its gateway', () => {
  it('shows no key, no session and no word that was said, however one looks at it', async () => {
    const printed = capturedOutput();
    const model = anIndiscreetModel();
    const { url: baseUrl } = await model.listen();
    const provider = openai({ baseUrl, model: 'mock-1', apiKey: KEY });
    const clients = new ClientPool({
      providers: { main: { provider, maxSize: 2, minIdle: 1, circuit: { minCalls: 1_000 } } },
    });
    await using running = await aRunningGateway({ model, gateway: ROOMY, engine: { clients } });
    const { engine, gateway, server } = running;
    const sights: string[] = [];
    const events: SluiceEvent[] = [];
    engine.events$.subscribe((event) => {
      events.push(event);
      sights.push(encodeEvent(event), encodeSnapshot(engine.snapshot()));
    });

    const client = createGatewayClient({ url: server.url });
    const first = await client.ask(SAID);
    const session = first.session;
    const failed = await post(server.url, { message: `${SAID} refuse`, session });
    const cut = await post(
      server.url,
      { message: `${SAID} cut`, session },
      { headers: { accept: 'text/event-stream' } },
    );
    const told = [await failed.text(), await cut.text(), JSON.stringify([...failed.headers])];
    const strayed = await raw(server.port, `GET /${SAID} HTTP/1.1\r\nHost: ${SAID}\r\n\r\n`);
    const socket = await openSocket(server);
    socket.say({ type: 'chat', id: 's1', session, message: `${SAID} refuse` });
    told.push(JSON.stringify(await socket.until(({ type }) => type === 'error')), strayed.text);
    await until(() => model.journal.open === 0);
    const errors = [
      await failureOf(clients.complete({ messages: [{ role: 'user', content: 'refuse' }] })),
      await failureOf(client.ask(`${SAID} refuse`)),
    ];

    for (const subject of [engine, clients, provider, gateway, engine.channels, server]) {
      sights.push(inspect(subject, { depth: 20 }), inspect({ ...subject }, { depth: 20 }));
    }
    sights.push(JSON.stringify([events, engine.snapshot(), clients.snapshot(), gateway.stats()]));
    for (const error of errors) sights.push(...sightsOf(error));
    sights.push(...told.map((text) => text.replaceAll(session, '')), ...printed());
    socket.socket.close();

    expect(first.message).toContain(ANSWERED);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['message.replied', 'run.failed', 'attempt.failed', 'send.finished']),
    );
    expect(model.journal.questions[0]?.text).toBe(SAID);
    const texts = sights.join('\n');
    expect(canariesIn(texts, { key: KEY, said: SAID, session })).toEqual([]);
    expect(canariesIn(withoutDeltas(texts), { answered: ANSWERED })).toEqual([]);
  });
});

/** A model that tells the key and the question back in its errors, as some proxies do. */
function anIndiscreetModel(): MockServer {
  return createMockServer({
    apiKey: KEY,
    script: ({ text }) => {
      const message = `Incorrect key ${KEY} in "Bearer ${KEY}" (${btoa(KEY)}) while asked ${text}`;
      if (text.endsWith('refuse')) return { fault: { kind: 'status', status: 400, message } };
      if (text.endsWith('cut')) {
        return { text: [ANSWERED, 'more'], fault: { kind: 'cut', afterEvents: 2 } };
      }
      return { text: [ANSWERED, ' and more'] };
    },
  });
}

/** What goes to the console or straight to the streams of the process, from now on. */
function capturedOutput(): () => readonly string[] {
  const lines: string[] = [];
  const keep = (...values: readonly unknown[]): void => void lines.push(inspect(values));
  for (const name of OUTPUTS) vi.spyOn(console, name).mockImplementation(keep);
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    vi.spyOn(stream, 'write').mockImplementation((...args: Parameters<typeof write>) => {
      keep(String(args[0]));
      return write(...args);
    });
  }
  return () => lines;
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error('It should have failed');
}

/** All the ways in which an error comes to somebody's eyes. */
function sightsOf(error: Error): readonly string[] {
  const { message, stack = '', cause } = error;
  return [message, stack, inspect(error, { depth: 20 }), JSON.stringify(error), inspect(cause)];
}

/** The names of the canaries that a text shows, plainly or encoded. */
function canariesIn(text: string, canaries: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(canaries).flatMap(([name, canary]) => {
    const forms = [canary, encodeURIComponent(canary), btoa(canary)];
    return forms
      .filter((form) => text.includes(form))
      .map((form) => `${name}: ${around(text, form)}`);
  });
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 120), at + form.length + 40);
}

/** The answer itself goes to who asked: the frames that carry it are no leak. */
function withoutDeltas(text: string): string {
  return text.replaceAll(/^data: \{"content":.*$/gm, '');
}
