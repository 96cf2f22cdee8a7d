import { fromEnv, openai, type OpenAiOptions } from '@sluice/adapters/openai';
import { Secret } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aChunk, aClient, aContext, answering, bodyOf, read, REQUEST } from './support.ts';

const KEY = 'sk-test-0123456789abcdef';

afterEach(() => vi.unstubAllGlobals());

/** Asks once and gives the request that left. */
async function requestOf(
  options: Partial<OpenAiOptions>,
): Promise<{ readonly request: Request; readonly body: Readonly<Record<string, unknown>> }> {
  const requests: Request[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    requests.push((input as Request).clone());
    return Promise.resolve(new Response(bodyOf(['data: [DONE]\n\n'])));
  };
  await read(aClient({ fetch, ...options }).stream({ ...REQUEST, maxTokens: 5 }, aContext()));
  const [request] = requests;
  if (request === undefined) throw new Error('No request left');
  return { request, body: (await request.json()) as Readonly<Record<string, unknown>> };
}

describe('a request', () => {
  it('goes to OpenAI with the key', async () => {
    const { request, body } = await requestOf({ organization: 'org-1', project: 'proj-1' });

    expect(request.url).toBe('https://api.openai.com/v1/chat/completions');
    expect(request.method).toBe('POST');
    expect(request.headers.get('authorization')).toBe(`Bearer ${KEY}`);
    expect(request.headers.get('openai-organization')).toBe('org-1');
    expect(request.headers.get('openai-project')).toBe('proj-1');
    expect(request.redirect).toBe('manual');
    expect(request.referrerPolicy).toBe('no-referrer');
    expect(body).toMatchObject({
      max_completion_tokens: 5,
      stream_options: { include_obfuscation: false },
    });
  });

  it('goes to a compatible server under the old names, without a key where there is none', async () => {
    const baseUrl = 'http://127.0.0.1:8080/v1/';

    const { request, body } = await requestOf({ baseUrl, apiKey: undefined });

    expect(request.url).toBe('http://127.0.0.1:8080/v1/chat/completions');
    expect(request.headers.has('authorization')).toBe(false);
    expect(body).toMatchObject({ max_tokens: 5, stream_options: { include_usage: true } });
    expect(body['stream_options']).not.toHaveProperty('include_obfuscation');
  });

  it('sends no header that a browser would ask the server about first', async () => {
    const { request } = await requestOf({});

    expect([...request.headers.keys()].toSorted()).toEqual(['authorization', 'content-type']);
  });

  it('asks for a token each time, where there is a source of them', async () => {
    let count = 0;
    const getToken = (): string => {
      count += 1;
      return `short-lived-token-${count}`;
    };

    const { request } = await requestOf({ apiKey: undefined, getToken });

    expect(request.headers.get('authorization')).toBe('Bearer short-lived-token-1');
  });

  it('fails as auth when no token can be had', async () => {
    const getToken = (): Promise<string> => Promise.reject(new Error('backend down'));
    const client = aClient({ apiKey: undefined, getToken });

    expect((await read(client.stream(REQUEST, aContext()))).thrown).toMatchObject({
      kind: 'auth',
    });
  });
});

describe('a provider', () => {
  it.each<[string, Partial<OpenAiOptions>, string]>([
    ['no model', { model: '' }, 'model is missing'],
    ['neither key nor token', { apiKey: undefined }, 'apiKey is missing: give it, or getToken'],
    ['key and token', { getToken: () => 'x' }, 'not both'],
    ['an empty key', { apiKey: '' }, 'apiKey must be a text that is not empty'],
    ['a key that is no text', { apiKey: {} as Secret }, 'apiKey must be a text'],
    ['a wire that is none', { api: 'response' as 'responses' }, 'api must be one of chat, resp'],
    ['a server that nobody knows', { server: 'gorq' as 'groq' }, 'server must be one of openai,'],
    ['a key with a line end', { apiKey: `${KEY}\n` }, 'printable ASCII'],
    ['a header with a line end', { headers: { 'api-key': 'a\nb' } }, 'headers["api-key"]'],
    ['a base URL that is none', { baseUrl: 'api.openai.com' }, 'absolute URL, such as https://'],
    ['a base URL without its protocol', { baseUrl: 'localhost:80/v1' }, 'such as http://localhost'],
    ['a base URL of another protocol', { baseUrl: 'file:///etc/passwd' }, 'http or https'],
    ['a password in the base URL', { baseUrl: 'https://u:hunter22@a.example' }, 'user name'],
    ['a query in the base URL', { baseUrl: 'https://a.example/?key=hunter22' }, 'query'],
    ['the metadata address', { baseUrl: 'http://169.254.169.254/latest' }, 'link-local'],
    ['the metadata address in decimal', { baseUrl: 'http://2852039166/' }, 'link-local'],
    ['the metadata address in IPv6', { baseUrl: 'http://[::ffff:169.254.169.254]/' }, 'link-local'],
    [
      'the metadata address of its own in IPv6',
      { baseUrl: 'http://[fd00:ec2::254]/' },
      'link-local',
    ],
    ['a link-local IPv6 address', { baseUrl: 'http://[fe80::1]/' }, 'link-local'],
  ])('with %s is refused at once', (_, options, message) => {
    const make = (): unknown => openai({ apiKey: KEY, model: 'gpt-x', ...options });

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hunter22|0123456789/);
  });

  it('takes its key as a secret, too', async () => {
    const { request } = await requestOf({ apiKey: new Secret(KEY) });

    expect(request.headers.get('authorization')).toBe(`Bearer ${KEY}`);
  });

  it('names the request where the endpoint refuses a probe', async () => {
    const headers = { 'x-request-id': 'req-7' };
    const fetch = answering(['{}'], { status: 401, headers });
    const provider = openai({ apiKey: KEY, model: 'gpt-x', fetch });

    await expect(provider.probe?.(aContext())).rejects.toMatchObject({
      kind: 'auth',
      requestId: 'req-7',
    });
  });

  it('probes the endpoint for free', async () => {
    const isUp = openai({ apiKey: KEY, model: 'x', fetch: answering(['{"data":[]}']) });
    const isLocked = openai({
      apiKey: KEY,
      model: 'x',
      fetch: answering(['{"error":{"message":"bad key"}}'], { status: 401 }),
    });

    await expect(isUp.probe?.(aContext())).resolves.toBeUndefined();
    await expect(isLocked.probe?.(aContext())).rejects.toMatchObject({ kind: 'auth' });
  });

  it('lists the models, with their windows where the server tells', async () => {
    const list = { data: [{ id: 'a' }, { id: 'b', max_model_len: 8_192 }, { no: 'id' }, 7] };
    const provider = openai({ apiKey: KEY, model: 'x', fetch: answering([JSON.stringify(list)]) });

    expect(await provider.listModels?.(aContext())).toEqual([
      { id: 'a' },
      { id: 'b', contextWindow: 8_192 },
    ]);
  });

  it('calls a list that is no JSON malformed', async () => {
    const provider = openai({ apiKey: KEY, model: 'x', fetch: answering(['<html>']) });

    await expect(provider.listModels?.(aContext())).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('in a browser', () => {
  const browser = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' };

  it.each<[string, Partial<OpenAiOptions>]>([
    ['a key', { apiKey: KEY }],
    ['a key in a header', { baseUrl: 'https://a.example', headers: { 'api-key': KEY } }],
  ])('%s is refused', (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect(() => openai({ model: 'gpt-x', ...options })).toThrow('dangerouslyAllowBrowser');
  });

  it.each<[string, Partial<OpenAiOptions>]>([
    ['a key, knowingly', { apiKey: KEY, dangerouslyAllowBrowser: true }],
    ['a key for this very machine', { apiKey: KEY, baseUrl: 'http://localhost:8080/v1' }],
    ['a source of tokens', { getToken: () => 'short-lived' }],
    ['a backend of one’s own', { baseUrl: 'https://backend.example/v1' }],
  ])('%s is let through', (_, options) => {
    vi.stubGlobal('navigator', browser);

    expect(openai({ model: 'gpt-x', ...options }).name).toBe('openai');
  });
});

describe('from the environment', () => {
  it('comes a provider', async () => {
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: '', OPENAI_MODEL: 'gpt-env' };
    const provider = fromEnv(env, { fetch: answering([JSON.stringify(aChunk({}))]) });

    const client = await provider.createClient({ signal: new AbortController().signal });

    expect(client.model).toBe('gpt-env');
  });

  it.each([
    ['OPENAI_MODEL', { OPENAI_API_KEY: KEY }],
    ['OPENAI_API_KEY', { OPENAI_MODEL: 'gpt-x' }],
  ])('that lacks %s, none comes, and the name is told', (name, env) => {
    expect(() => fromEnv(env)).toThrow(name);
  });

  it('of a local server needs no key', () => {
    const env = { OPENAI_MODEL: 'llama', OPENAI_BASE_URL: 'http://localhost:11434/v1' };

    expect(fromEnv(env).name).toBe('openai');
  });

  it('lets options win', async () => {
    const env = { OPENAI_API_KEY: KEY, OPENAI_MODEL: 'gpt-env' };

    const provider = fromEnv(env, { model: 'gpt-mine', name: 'mine' });

    const client = await provider.createClient({ signal: new AbortController().signal });
    expect([provider.name, client.model]).toEqual(['mine', 'gpt-mine']);
  });
});
