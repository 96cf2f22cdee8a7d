import {
  createMockServer,
  record,
  type Recorder,
  replay,
  type Reply,
} from '@sluice/adapters/mock-server';
import type { Client } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { aContext, type Read, read, REQUEST, textIn } from '../../support/decoding.ts';
import {
  CANARY_KEY,
  PROVIDER_FAMILIES,
  type ProviderFamily,
} from '../../support/provider-families.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe.each(PROVIDER_FAMILIES)('a cassette of $dialect', (family) => {
  it('gives the same answers to the same questions', async () => {
    const { client, recorder } = await recorded(family, [
      { thinking: 'Hm', text: ['A ', 'gate 🌊'], toolCalls: [{ name: 'look', input: { at: 1 } }] },
      { text: 'again', framing: { cut: 7 } },
    ]);
    const first = await ask(client);
    const second = await ask(client);

    const player = await played(family, recorder.cassette());

    expect(await ask(player)).toEqual(first);
    expect(await ask(player)).toEqual(second);
    expect(textIn(second.chunks)).toBe('again');
  });

  it.each([
    ['a status', { fault: { kind: 'status', status: 429, retryAfterMs: 3_000 } }],
    ['a broken connection', { text: ['one'], fault: { kind: 'reset' } }],
    ['a connection that was refused', { fault: { kind: 'refuse' } }],
    ['an end too early', { text: ['one'], fault: { kind: 'cut' } }],
  ] as const)('plays %s as it was', async (_, reply) => {
    const { client, recorder } = await recorded(family, [reply]);
    const first = await ask(client);

    const again = await ask(await played(family, recorder.cassette()));

    const known = ({ chunks, thrown }: Read): unknown => {
      const { kind, status, retryAfterMs } = thrown as Record<string, unknown>;
      return { chunks, kind, status, retryAfterMs };
    };
    expect(known(again)).toEqual(known(first));
  });

  it('holds no key, wherever it went, and nothing of the account', async () => {
    const { client, recorder } = await recorded(family, [
      {
        text: [`Your key is ${CANARY_KEY}, is it not`],
        framing: { cut: 7 },
        headers: { 'set-cookie': 'session=abc', 'x-account': 'acme' },
      },
    ]);

    await ask(client, `My key is ${CANARY_KEY}`);

    const cassette = recorder.cassette();
    expect(cassette).not.toContain(CANARY_KEY);
    expect(cassette).not.toContain('canary');
    expect(cassette).not.toMatch(/set-cookie|x-account|authorization|api-key/);
    expect(cassette).toContain('is it not');
  });

  it('says so when it is asked what was not recorded', async () => {
    const { client, recorder } = await recorded(family, [{}]);
    await ask(client);

    const player = await played(family, recorder.cassette());
    const { thrown } = await ask(player, 'What is a weir?');

    expect(thrown).toMatchObject({ kind: 'server', status: 500 });
    expect(String(thrown)).toContain('The cassette has no answer');
  });
});

it.each([
  ['authorization', 'Bearer '],
  ['x-api-key', ''],
  ['x-my-secret', ''],
])('a cassette holds no key of any shape that travels as %s', async (header, word) => {
  const key = 'canary+Zx9/81=very~quiet'; // of no known shape, so that it is its value that is found
  const echoes = [key, encodeURIComponent(key), btoa(key)].map((echo) => `It is ${echo}, no?`);
  const refuse = (): Promise<Response> =>
    Promise.resolve(Response.json({ error: { message: echoes.join() } }, { status: 401 }));
  const recorder = record(refuse);

  const messages = [{ role: 'user', content: key }];
  const answer = await recorder.fetch(`https://api.openai.com/v1/chat/completions?key=${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [header]: `${word}${key}` },
    body: JSON.stringify({ model: 'm', messages }),
  });
  await answer.text();

  const cassette = recorder.cassette();
  expect(cassette).toContain('It is');
  expect(cassette).not.toMatch(/canary|very~quiet/);
  expect(cassette).not.toContain(btoa(key).slice(0, 12));
});

it('a cassette keeps the pace of the answers', async () => {
  const clock = new VirtualClock();
  const slow = (): Promise<Response> => {
    const pieces = [
      'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
      'data: [DONE]\n\n',
    ];
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      await clock.advance(250);
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return Promise.resolve(
      new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
    );
  };
  const recorder = record(slow, { clock });
  const [family] = PROVIDER_FAMILIES;
  const provider = family?.make({ fetch: recorder.fetch, clock });

  const client = await provider?.createClient({ signal: new AbortController().signal });
  await read((client as Client).stream(REQUEST, aContext()));

  expect(recorder.cassette()).toContain('[[250,');
});

it('an answer too long for a cassette is left out and counted', async () => {
  const [family] = PROVIDER_FAMILIES;
  if (family === undefined) throw new Error('There is no family');
  const { client, recorder } = await recorded(family, [{ text: 'x'.repeat(2_000) }], 1_000);

  await ask(client);

  expect(recorder.dropped).toBe(1);
  expect(recorder.cassette().split('\n')).toHaveLength(2);
});

it.each([
  ['', 'its first line'],
  ['{"sluice":2,"kind":"cassette"}', 'its first line'],
  ['{"sluice":1,"kind":"cassette"}\n{}', 'Line 2'],
  ['{"sluice":1,"kind":"cassette"}\nnot json', 'Line 2'],
])('what is no cassette (%j) is told as such', (text, words) => {
  expect(() => replay(text)).toThrow(words);
});

/** A client over a mock server that answers so, recorded. */
async function recorded(
  { dialect, make }: ProviderFamily,
  script: readonly Reply[],
  maxLength?: number,
): Promise<{ readonly client: Client; readonly recorder: Recorder }> {
  const server = createMockServer({ script });
  cleanups.push(() => server.close());
  const { urls } = await server.listen();
  const recorder = record(fetch, { maxLength });
  const provider = make({ baseUrl: urls[dialect], fetch: recorder.fetch });
  return { client: await clientOf(provider), recorder };
}

/** A client over a mock server that plays a cassette. */
async function played({ dialect, make }: ProviderFamily, cassette: string): Promise<Client> {
  const server = createMockServer({ script: replay(cassette) });
  cleanups.push(() => server.close());
  const { urls } = await server.listen();
  return clientOf(make({ baseUrl: urls[dialect] }));
}

function clientOf(provider: ReturnType<ProviderFamily['make']>): Promise<Client> {
  return Promise.resolve(provider.createClient({ signal: new AbortController().signal }));
}

function ask(client: Client, text?: string): Promise<Read> {
  const request =
    text === undefined ? REQUEST : { messages: [{ role: 'user', content: text } as const] };
  return read(client.stream(request, aContext()));
}
