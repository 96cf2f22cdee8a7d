import { inspect } from 'node:util';
import type { AccountOptions } from '@sluice/adapters/openai';
import type { Client, CompletionChunk, Provider } from '@sluice/core';
import { toEventError } from '@sluice/core/events';
import { describe, expect, it } from 'vitest';
import { aContext, answering, read, REQUEST } from './decoding.ts';

// Of no known shape, so that it is its value that is found.
const CANARY = 'canary+Zx9/81=very~secret';
const FORMS = [
  CANARY,
  encodeURIComponent(CANARY),
  btoa(CANARY),
  btoa(CANARY).replaceAll('=', ''),
  CANARY.slice(0, 8), // what a cut in the wrong place would leave
];

/** What a family needs to be asked whether it keeps its secrets. */
export interface SecretiveFamily {
  /** Makes a provider with a model, and the options on top. */
  readonly makeProvider: (options: Partial<AccountOptions>) => Provider;
  /** The header that names the request. Default: there is none. */
  readonly idHeader?: string | undefined;
  /** The content type of its answers. */
  readonly contentType: string;
  /** Writes the data of an event as it travels. */
  readonly frame: (data: string) => string;
  /** An event that begins an answer of this model, and does not end it. */
  readonly firstEvent: (model: string) => object;
  /** Further events of this wire in which a secret might come back, each of which ends in an error. Default: none. */
  readonly echoes?: Readonly<Record<string, (secret: string) => object>> | undefined;
}

type Leak = readonly [name: string, leak: () => Partial<AccountOptions>];

/** Checks that the keys, tokens and headers of an account appear nowhere, whatever the provider does with them. */
export function describeSecrecy(family: SecretiveFamily): void {
  const ask = async (options: Partial<AccountOptions>): Promise<Asked> => {
    const client = await clientOf(family.makeProvider(options));
    return read(client.stream(REQUEST, aContext()));
  };

  describe.each([
    ['a key', { apiKey: CANARY }],
    ['a token', { getToken: () => CANARY }],
    ['a header', { apiKey: 'sk-test-0123456789abcdef', headers: { 'api-key': CANARY } }],
  ] as const)('%s stays secret when the provider', (_, secret) => {
    it.each(leaksOf(family))('%s', async (__, leak) => {
      const { chunks, thrown } = await ask({ ...leak(), ...secret });

      expect(thrown).toBeInstanceOf(Error);
      for (const text of [...sightsOf(thrown as Error), inspect(chunks, { depth: 9 })]) {
        expect(FORMS.filter((form) => text.includes(form))).toEqual([]);
      }
    });
  });

  it('a provider shows nothing of its key, however it is looked at', async () => {
    const provider = family.makeProvider({ apiKey: CANARY, headers: { 'x-more': CANARY } });
    const client = await clientOf(provider);

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
      const token = (input as Request).headers.get('authorization')?.replace('Bearer ', '');
      return Promise.resolve(new Response(`Bad token ${token}`, { status: 401 }));
    };
    const provider = family.makeProvider({ getToken, fetch });
    const client = await clientOf(provider);

    const first = await read(client.stream(REQUEST, aContext()));
    const second = await read(client.stream(REQUEST, aContext()));

    for (const { thrown } of [first, second]) {
      expect((thrown as Error).message).toBe(`${provider.name} answered 401: Bad token [redacted]`);
    }
  });

  it('no key is in the URL, and no redirect carries one elsewhere', async () => {
    const asked: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      const request = input as Request;
      asked.push(`${request.redirect} ${request.url}`);
      const headers = { location: 'https://elsewhere.example/' };
      return Promise.resolve(new Response(null, { status: 307, headers }));
    };

    const { thrown } = await ask({ apiKey: CANARY, fetch });

    expect(thrown).toMatchObject({ kind: 'unsupported', status: 307 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^manual /);
    expect(FORMS.filter((form) => asked[0]?.includes(form))).toEqual([]);
  });
}

interface Asked {
  readonly chunks: readonly CompletionChunk[];
  readonly thrown: unknown;
}

/** What a provider might do with a key: it all ends in an error. */
function leaksOf(family: SecretiveFamily): readonly Leak[] {
  const { idHeader, contentType, frame, firstEvent, echoes = {} } = family;
  const refusing = (status: number, body: object): Partial<AccountOptions> => ({
    fetch: answering([JSON.stringify(body)], { status }),
  });
  const streaming = (data: string | object, more = {}): Partial<AccountOptions> => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    return {
      fetch: answering([frame(text)], { headers: { 'content-type': contentType, ...more } }),
    };
  };
  const byId: readonly Leak[] =
    idHeader === undefined
      ? []
      : [
          [
            'echoes it as the id of the request',
            () => ({ fetch: answering(['{}'], { status: 500, headers: { [idHeader]: CANARY } }) }),
          ],
          [
            'echoes it as the id of a request that goes well at first',
            () => streaming(firstEvent('model-x'), { [idHeader]: CANARY }),
          ],
        ];
  return [
    ['echoes it in a refusal', () => refusing(401, { error: { message: `Bad key ${CANARY}` } })],
    ['echoes it as a code', () => refusing(400, { error: { message: 'x', code: CANARY } })],
    ['echoes it as a type', () => refusing(400, { error: { message: 'x', type: CANARY } })],
    ['echoes it as a status', () => refusing(400, { error: { message: 'x', status: CANARY } })],
    ['echoes it encoded', () => refusing(500, { message: encodeURIComponent(CANARY) })],
    ['echoes it in base 64', () => refusing(500, { message: btoa(CANARY) })],
    ['echoes it as plain text', () => ({ fetch: answering([CANARY], { status: 418 }) })],
    ['echoes it across the cut', () => refusing(400, { message: 'x'.repeat(460) + CANARY })],
    ...byId,
    ['echoes it in the stream', () => streaming({ error: { message: CANARY, type: CANARY } })],
    [
      'echoes it in the stream as a code',
      () => streaming({ error: { message: 'x', code: CANARY } }),
    ],
    ...Object.entries(echoes).map(([name, event]): Leak => [name, () => streaming(event(CANARY))]),
    ['echoes it as the only word of an error', () => streaming({ error: CANARY })],
    ['echoes it as broken JSON', () => streaming(`{"key":"${CANARY}`)],
    ['echoes it as the model, and stops', () => streaming(firstEvent(CANARY))],
    ['echoes it in a page', () => ({ fetch: answering([`<p>${CANARY}`], { status: 502 }) })],
    [
      'echoes it as a content type',
      () => ({ fetch: answering(['x'], { headers: { 'content-type': `image/${btoa(CANARY)}` } }) }),
    ],
    [
      'breaks, and the error holds it',
      () => ({
        fetch: () =>
          Promise.reject(new TypeError(CANARY, { cause: new Error(`Bearer ${CANARY}`) })),
      }),
    ],
    ['breaks in the body, and the error holds it', () => ({ fetch: breaking })],
  ];
}

function breaking(): Promise<Response> {
  const pull = (controller: ReadableStreamDefaultController): void =>
    controller.error(new TypeError(`terminated ${CANARY}`));
  return Promise.resolve(new Response(new ReadableStream({ pull })));
}

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

async function clientOf(provider: Provider): Promise<Client> {
  return provider.createClient({ signal: new AbortController().signal });
}
