import { anthropic, type AnthropicOptions, fromEnv } from '@sluice/adapters/anthropic';
import { type CompletionRequest, Secret } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aContext, answering, read, REQUEST } from '../../support/decoding.ts';
import { aClient, anEnd, aStart, KEY, written } from './support.ts';

afterEach(() => vi.unstubAllGlobals());

/** Asks once and gives the request that left. */
async function requestOf(
  options: Partial<AnthropicOptions> = {},
  more: Partial<CompletionRequest> = {},
): Promise<{ readonly request: Request; readonly body: Readonly<Record<string, unknown>> }> {
  const requests: Request[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    requests.push((input as Request).clone());
    return answering([written([aStart(), ...anEnd()])])(input);
  };
  await read(aClient({ fetch, ...options }).stream({ ...REQUEST, ...more }, aContext()));
  const [request] = requests;
  if (request === undefined) throw new Error('No request left');
  return { request, body: (await request.json()) as Readonly<Record<string, unknown>> };
}

/** A `fetch` that answers each request with the next of these, and the URLs that it was asked for. */
function pages(...bodies: readonly object[]): {
  readonly fetch: typeof fetch;
  readonly requests: Request[];
} {
  const left = [...bodies];
  const requests: Request[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    requests.push(input as Request);
    return Promise.resolve(Response.json(left.shift() ?? {}));
  };
  return { fetch, requests };
}

describe('a request', () => {
  it('goes to Anthropic with the key and the version of the wire', async () => {
    const { request, body } = await requestOf();

    expect(request.url).toBe('https://api.anthropic.com/v1/messages');
    expect(request.method).toBe('POST');
    expect(request.headers.get('x-api-key')).toBe(KEY);
    expect(request.headers.has('authorization')).toBe(false);
    expect(request.headers.get('anthropic-version')).toBe('2023-06-01');
    expect(request.redirect).toBe('manual');
    expect(body).toMatchObject({ model: 'claude-x', max_tokens: 32_000, stream: true });
  });

  it.each(['http://127.0.0.1:8080', 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080/v1/'])(
    'goes to a server of one’s own at %s, without a key where there is none',
    async (baseUrl) => {
      const { request } = await requestOf({ baseUrl, apiKey: undefined });

      expect(request.url).toBe('http://127.0.0.1:8080/v1/messages');
      expect(request.headers.has('x-api-key')).toBe(false);
    },
  );

  it('takes its longest answer from the account unless it says', async () => {
    expect((await requestOf({ maxTokens: 64_000 })).body).toMatchObject({ max_tokens: 64_000 });
    expect((await requestOf({ maxTokens: 64_000 }, { maxTokens: 5 })).body).toMatchObject({
      max_tokens: 5,
    });
  });

  it('names the betas that it wants, and no header else that a browser would ask about', async () => {
    const { request } = await requestOf({ betas: ['one-2026-01-01', 'two-2026-01-01'] });

    expect(request.headers.get('anthropic-beta')).toBe('one-2026-01-01,two-2026-01-01');
    expect([...request.headers.keys()].toSorted()).toEqual([
      'anthropic-beta',
      'anthropic-version',
      'content-type',
      'x-api-key',
    ]);
  });

  it('carries headers of its user rather than its own of the same name', async () => {
    const { request } = await requestOf({ headers: { 'Anthropic-Version': '2027-01-01' } });

    expect(request.headers.get('anthropic-version')).toBe('2027-01-01');
  });

  it('carries a token as a bearer', async () => {
    const { request } = await requestOf({ apiKey: undefined, getToken: () => 'short-lived' });

    expect(request.headers.get('authorization')).toBe('Bearer short-lived');
    expect(request.headers.has('x-api-key')).toBe(false);
  });
});

describe('a provider', () => {
  it.each<[string, Partial<AnthropicOptions>, string]>([
    ['no model', { model: '' }, 'model is missing'],
    ['neither key nor token', { apiKey: undefined }, 'apiKey is missing'],
    ['key and token', { getToken: () => 'x' }, 'not both'],
    ['a key with a line end', { apiKey: `${KEY}\n` }, 'printable ASCII'],
    ['a password in the base URL', { baseUrl: 'https://u:hunter22@a.example' }, 'user name'],
    ['the metadata address', { baseUrl: 'http://169.254.169.254/v1' }, 'link-local'],
    ['answers of no length', { maxTokens: 0 }, 'maxTokens'],
    ['answers of half a token', { maxTokens: 1.5 }, 'maxTokens'],
    ['a beta that is a header of its own', { betas: ['a\nx-evil: 1'] }, 'betas'],
  ])('with %s is refused at once', (_, options, message) => {
    const make = (): unknown => anthropic({ apiKey: KEY, model: 'claude-x', ...options });

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hunter22|0123456789/);
  });

  it('takes its key as a secret, too', async () => {
    const { request } = await requestOf({ apiKey: new Secret(KEY) });

    expect(request.headers.get('x-api-key')).toBe(KEY);
  });

  it('probes the endpoint for free, with the version that it needs even so', async () => {
    const { fetch, requests } = pages({ data: [] });
    const isUp = anthropic({ apiKey: KEY, model: 'x', fetch });
    const error = { type: 'authentication_error', message: 'invalid x-api-key' };
    const isLocked = anthropic({
      apiKey: KEY,
      model: 'x',
      fetch: answering([JSON.stringify({ type: 'error', error })], { status: 401 }),
    });

    await expect(isUp.probe?.(aContext())).resolves.toBeUndefined();
    await expect(isLocked.probe?.(aContext())).rejects.toMatchObject({ kind: 'auth' });
    expect(requests[0]?.url).toBe('https://api.anthropic.com/v1/models?limit=1');
    expect(requests[0]?.headers.get('anthropic-version')).toBe('2023-06-01');
  });

  it('lists the models page by page, with their windows where the server tells', async () => {
    const { fetch, requests } = pages(
      { data: [{ id: 'a', max_input_tokens: 200_000 }, 7], has_more: true, last_id: 'a/1' },
      { data: [{ id: 'b' }, { no: 'id' }], has_more: false, last_id: 'b' },
    );
    const provider = anthropic({ apiKey: KEY, model: 'x', fetch });

    const models = await provider.listModels?.(aContext());

    expect(models).toEqual([{ id: 'a', contextWindow: 200_000 }, { id: 'b' }]);
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=1000',
      '?limit=1000&after_id=a%2F1',
    ]);
  });

  it('does not page for ever', async () => {
    const page = { data: [{ id: 'a' }], has_more: true, last_id: 'a' };
    const { fetch, requests } = pages(...Array.from({ length: 100 }, () => page));
    const provider = anthropic({ apiKey: KEY, model: 'x', fetch });

    await provider.listModels?.(aContext());

    expect(requests).toHaveLength(20);
  });
});

describe('in a browser', () => {
  const browser = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' };
  const consent = 'anthropic-dangerous-direct-browser-access';

  it('a key is refused', () => {
    vi.stubGlobal('navigator', browser);

    expect(() => anthropic({ model: 'claude-x', apiKey: KEY })).toThrow('dangerouslyAllowBrowser');
  });

  it.each<[string, Partial<AnthropicOptions>]>([
    ['a key, knowingly', { apiKey: KEY, dangerouslyAllowBrowser: true }],
    ['a source of tokens', { apiKey: undefined, getToken: () => 'short-lived' }],
  ])('%s is let through to Anthropic, which has to be told', async (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect((await requestOf(options)).request.headers.get(consent)).toBe('true');
  });

  it.each<[string, Partial<AnthropicOptions>]>([
    ['a backend of one’s own', { apiKey: undefined, baseUrl: 'https://backend.example' }],
    [
      'a host that only begins alike',
      { apiKey: undefined, baseUrl: 'https://api.anthropic.com.example' },
    ],
    ['this very machine', { baseUrl: 'http://localhost:8080' }],
  ])('%s need not be told', async (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect((await requestOf(options)).request.headers.has(consent)).toBe(false);
  });

  it('that this is none, nobody is told', async () => {
    const { request } = await requestOf({ dangerouslyAllowBrowser: true });

    expect(request.headers.has(consent)).toBe(false);
  });
});

describe('from the environment', () => {
  it('comes a provider', async () => {
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: '', ANTHROPIC_MODEL: 'claude-env' };

    const client = await fromEnv(env).createClient({ signal: new AbortController().signal });

    expect(client.model).toBe('claude-env');
  });

  it.each([
    ['ANTHROPIC_MODEL', { ANTHROPIC_API_KEY: KEY }],
    ['ANTHROPIC_API_KEY', { ANTHROPIC_MODEL: 'claude-x' }],
  ])('that lacks %s, none comes, and the name is told', (name, env) => {
    expect(() => fromEnv(env)).toThrow(name);
  });

  it('of a local server needs no key, and options win', () => {
    const env = { ANTHROPIC_MODEL: 'x', ANTHROPIC_BASE_URL: 'http://localhost:4000' };

    expect(fromEnv(env, { name: 'mine' }).name).toBe('mine');
  });
});
