import { inspect } from 'node:util';
import { openai, type OpenAiOptions } from '@sluice/adapters/openai';
import { toEventError } from '@sluice/core/events';
import { describe, expect, it } from 'vitest';
import { aChunk, aClient, aContext, answering, bodyOf, read, REQUEST } from './support.ts';

// Of no known shape, so that it is its value that is found.
const CANARY = 'canary+Zx9/81=very~secret';
const FORMS = [
  CANARY,
  encodeURIComponent(CANARY),
  btoa(CANARY),
  btoa(CANARY).replaceAll('=', ''),
  CANARY.slice(0, 8), // what a cut in the wrong place would leave
];

/** What a provider might do with a key: it all ends in an error. */
const LEAKS: readonly (readonly [string, () => Partial<OpenAiOptions>])[] = [
  ['echoes it in a refusal', () => refusing(401, { error: { message: `Bad key ${CANARY}` } })],
  ['echoes it as a code', () => refusing(400, { error: { message: 'x', code: CANARY } })],
  ['echoes it as a type', () => refusing(400, { error: { message: 'x', type: CANARY } })],
  ['echoes it encoded', () => refusing(500, { message: encodeURIComponent(CANARY) })],
  ['echoes it in base 64', () => refusing(500, { message: btoa(CANARY) })],
  ['echoes it as plain text', () => ({ fetch: answering([CANARY], { status: 418 }) })],
  ['echoes it across the cut', () => refusing(400, { message: 'x'.repeat(460) + CANARY })],
  [
    'echoes it as the id of the request',
    () => ({ fetch: answering(['{}'], { status: 500, headers: { 'x-request-id': CANARY } }) }),
  ],
  [
    'echoes it as the id of a request that goes well at first',
    () => {
      const pieces = [`data: ${JSON.stringify(aChunk({ content: 'Hi' }))}\n\n`];
      return { fetch: answering(pieces, { headers: { 'x-request-id': CANARY } }) };
    },
  ],
  ['echoes it in the stream', () => streaming({ error: { message: CANARY, code: CANARY } })],
  ['echoes it as broken JSON', () => streaming(`{"key":"${CANARY}`)],
  ['echoes it as the model, and stops', () => streaming({ ...aChunk({}), model: CANARY })],
  [
    'echoes it as the model of a response, and stops',
    () => streaming({ type: 'response.created', response: { id: CANARY, model: CANARY } }),
  ],
  [
    'echoes it in a response that failed',
    () => {
      const error = { code: CANARY, message: CANARY };
      return streaming({ type: 'response.failed', response: { error } });
    },
  ],
  ['echoes it in a page', () => ({ fetch: answering([`<p>${CANARY}`], { status: 502 }) })],
  [
    'breaks, and the error holds it',
    () => ({
      fetch: () => Promise.reject(new TypeError(CANARY, { cause: new Error(`Bearer ${CANARY}`) })),
    }),
  ],
  [
    'breaks in the body, and the error holds it',
    () => {
      const pull = (controller: ReadableStreamDefaultController): void =>
        controller.error(new TypeError(`terminated ${CANARY}`));
      return { fetch: () => Promise.resolve(new Response(new ReadableStream({ pull }))) };
    },
  ],
];

describe.each([
  ['a key', { apiKey: CANARY }],
  ['a token', { apiKey: undefined, getToken: () => CANARY }],
  ['a header', { headers: { 'api-key': CANARY } }],
  ['a key of Responses', { apiKey: CANARY, api: 'responses' }],
] as const)('%s stays secret when the provider', (_, secret) => {
  it.each(LEAKS)('%s', async (__, leak) => {
    const { chunks, thrown } = await read(
      aClient({ ...leak(), ...secret }).stream(REQUEST, aContext()),
    );

    expect(thrown).toBeInstanceOf(Error);
    for (const text of [...sightsOf(thrown as Error), inspect(chunks, { depth: 9 })]) {
      expect(FORMS.filter((form) => text.includes(form))).toEqual([]);
    }
  });
});

it('a provider shows nothing of its key, however it is looked at', async () => {
  const provider = openai({ apiKey: CANARY, model: 'gpt-x', headers: { 'api-key': CANARY } });
  const client = await provider.createClient({ signal: new AbortController().signal });

  for (const subject of [provider, client]) {
    const sights = [
      inspect(subject, { depth: 20, showHidden: true }),
      JSON.stringify(subject),
      JSON.stringify({ ...subject }),
    ];
    for (const text of sights) expect(text).not.toContain(CANARY);
  }
});

it('a token that came later is as secret as the first', async () => {
  const tokens = [CANARY, `${CANARY}-the-second`];
  const getToken = (): string => tokens.shift() ?? '';
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    const message = `Bad token ${(input as Request).headers.get('authorization')}`.replace(
      'Bearer ',
      '',
    );
    return Promise.resolve(new Response(message, { status: 401 }));
  };
  const client = aClient({ apiKey: undefined, getToken, fetch });

  const first = await read(client.stream(REQUEST, aContext()));
  const second = await read(client.stream(REQUEST, aContext()));

  for (const { thrown } of [first, second]) {
    expect((thrown as Error).message).toBe('openai answered 401: Bad token [redacted]');
  }
});

it('no redirect carries the key elsewhere', async () => {
  const asked: string[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    const request = input as Request;
    asked.push(`${request.redirect} ${request.url}`);
    const headers = { location: 'https://elsewhere.example/' };
    return Promise.resolve(new Response(null, { status: 307, headers }));
  };

  await read(aClient({ fetch }).stream(REQUEST, aContext()));

  expect(asked).toEqual(['manual https://api.openai.com/v1/chat/completions']);
});

/** All the ways in which an error comes to somebody's eyes. */
function sightsOf(error: Error): readonly string[] {
  const { message, stack = '', cause } = error;
  return [
    message,
    stack,
    String(error),
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(toEventError(error)),
    cause instanceof Error ? `${cause.name} ${cause.message} ${cause.stack}` : inspect(cause),
  ];
}

function refusing(status: number, body: object): Partial<OpenAiOptions> {
  return { fetch: answering([JSON.stringify(body)], { status }) };
}

function streaming(data: string | object): Partial<OpenAiOptions> {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { fetch: () => Promise.resolve(new Response(bodyOf([`data: ${text}\n\n`]))) };
}
