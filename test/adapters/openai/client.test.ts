import type { ProviderError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import {
  aChunk,
  aClient,
  aContext,
  aFinish,
  answering,
  decode,
  doneOf,
  read,
  readBody,
  REQUEST,
  textIn,
} from './support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function events(...data: readonly (string | object)[]): string {
  return data
    .map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`)
    .join('');
}

describe('a refusal', () => {
  it.each([
    [400, { error: { message: 'no', type: 'invalid_request_error' } }, 'bad-request', false],
    [400, { error: { code: 'context_length_exceeded' } }, 'context-length', false],
    [
      400,
      { error: { message: 'Please reduce the length of the messages' } },
      'context-length',
      false,
    ],
    [400, { error: { message: 'x', code: 'content_filter' } }, 'content-filter', false],
    [400, { error: 'Incorrect API key provided' }, 'auth', false],
    [401, { error: { code: 'invalid_api_key', message: 'Incorrect API key' } }, 'auth', false],
    [402, {}, 'quota', false],
    [403, { error: { message: 'Country not supported' } }, 'permission', false],
    [404, { error: { code: 'model_not_found' } }, 'not-found', false],
    [408, {}, 'server', true],
    [409, {}, 'server', true],
    [413, {}, 'context-length', false],
    [415, {}, 'bad-request', false],
    [422, { detail: 'extra fields' }, 'bad-request', false],
    [429, { error: { code: 'rate_limit_exceeded', type: 'requests' } }, 'rate-limit', true],
    [429, { error: { code: 'insufficient_quota', type: 'insufficient_quota' } }, 'quota', false],
    [500, { error: { type: 'server_error' } }, 'server', true],
    [501, {}, 'unsupported', false],
    [502, '<html>Bad gateway</html>', 'server', true],
    [503, { error: { message: 'overloaded' } }, 'overloaded', true],
    [520, '', 'server', true],
    [529, [{ error: { type: 'overloaded_error' } }], 'overloaded', true],
  ])('of %i with %j is %s', async (status, body, kind, retryable) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);

    const { chunks, thrown } = await readBody([text], { status, headers: JSON_TYPE });

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ name: 'ProviderError', kind, status, retryable });
  });

  it('tells what the provider said, its code and the request', async () => {
    const error = { message: 'The model is gone', type: 'x', code: 'model_not_found' };
    const headers = { ...JSON_TYPE, 'x-request-id': 'req_1' };

    const { thrown } = await readBody([JSON.stringify({ error })], { status: 404, headers });

    expect(thrown).toMatchObject({
      message: 'openai answered 404: The model is gone',
      providerCode: 'model_not_found',
      requestId: 'req_1',
      provider: 'openai',
      model: 'gpt-x',
    });
  });

  it('keeps nothing of an HTML page', async () => {
    const { thrown } = await readBody(['<html><b>gateway</b></html>'], { status: 502 });

    expect((thrown as Error).message).toBe('openai answered 502: an HTML page');
  });

  it('is read no further than a message needs, and cut', async () => {
    const error = { message: 'x'.repeat(1_000_000) };

    const { thrown } = await readBody([JSON.stringify({ error })], { status: 400 });

    expect((thrown as Error).message).toHaveLength(500);
  });

  it.each([
    ['true', 400, true],
    ['false', 500, false],
  ])('that says x-should-retry: %s is obeyed', async (value, status, retryable) => {
    const headers = { 'x-should-retry': value };

    expect((await readBody([''], { status, headers })).thrown).toMatchObject({ retryable });
  });

  it.each([301, 302, 307, 308])('by redirect (%i) is not followed', async (status) => {
    const headers = { location: 'https://elsewhere.example/v1/chat/completions' };

    expect((await readBody([], { status, headers })).thrown).toMatchObject({
      kind: 'unsupported',
      status,
    });
  });
});

describe('an answer with 200', () => {
  it('is not slowed down by a retry-after, which some send with it', async () => {
    const headers = { 'content-type': 'text/event-stream', 'retry-after': '61' };

    const { thrown } = await readBody([events(aChunk({ content: 'Hi' }), '[DONE]')], { headers });

    expect(thrown).toBeUndefined();
  });

  it('may be one JSON body with the whole answer', async () => {
    const choices = [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }];

    const all = await readBody([JSON.stringify({ id: 'c', choices })], { headers: JSON_TYPE });

    expect(textIn(all.chunks)).toBe('Hi');
    expect(doneOf(all).finish.reason).toBe('stop');
  });

  it('may be one JSON body with an error', async () => {
    const body = JSON.stringify({ error: { message: 'no', code: 'rate_limit_exceeded' } });

    expect((await readBody([body], { headers: JSON_TYPE })).thrown).toMatchObject({
      kind: 'rate-limit',
    });
  });

  it('that is an HTML page is malformed', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };

    expect((await readBody(['<html></html>'], { headers })).thrown).toMatchObject({
      kind: 'malformed',
    });
  });

  it('may leave out the last blank line, and all line ends after it', async () => {
    const text = `${events(aChunk({ content: 'Hi' }), aFinish())}data: [DONE]`;

    expect(doneOf(await readBody([text])).finish.reason).toBe('stop');
  });

  it('with comments alone is truncated', async () => {
    expect((await readBody([': keep-alive\n\n: ping\n\n'])).thrown).toMatchObject({
      kind: 'truncated',
    });
  });

  it('tells of every piece of its body, comments included, that it is alive', async () => {
    const heard: string[] = [];
    const pieces = [': ping\n\n', events(aChunk({ content: 'Hi' })), events('[DONE]')];
    const client = aClient({ fetch: answering(pieces) });

    await read(client.stream(REQUEST, aContext({ onBytes: () => heard.push('bytes') })));

    expect(heard).toHaveLength(3);
  });

  it('with a line without an end is refused before it fills the memory', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(120)),
    });
    const client = aClient({ fetch: () => Promise.resolve(new Response(endless)) });

    const { thrown } = await read(client.stream(REQUEST, aContext()));

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect((thrown as ProviderError).message).toContain('longer than 1048576');
  });

  it('hands out what came before it broke', async () => {
    const text = events(aChunk({ content: 'Hi' }));
    let pulls = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new TextEncoder().encode(text));
        else controller.error(new TypeError('terminated'));
      },
    });
    const client = aClient({ fetch: () => Promise.resolve(new Response(broken)) });

    const { chunks, thrown } = await read(client.stream(REQUEST, aContext()));

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'network', retryable: true });
  });

  it('cancels its body after [DONE], since some servers keep the connection open', async () => {
    let isCancelled = false;
    const lingering = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(new TextEncoder().encode(events(aFinish(), '[DONE]'))),
      cancel: () => {
        isCancelled = true;
      },
    });
    const client = aClient({ fetch: () => Promise.resolve(new Response(lingering)) });

    const all = await read(client.stream(REQUEST, aContext()));

    expect(doneOf(all).finish.reason).toBe('stop');
    expect(isCancelled).toBe(true);
  });

  it('tells the limits that its headers tell', async () => {
    const headers = {
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '99',
      'x-ratelimit-reset-requests': '6m0s',
      'x-request-id': 'req_7',
    };
    const metas: unknown[] = [];
    const client = aClient({ fetch: answering([events('[DONE]')], { headers }) });

    await read(client.stream(REQUEST, aContext({ onMeta: (meta) => metas.push(meta) })));

    const resetAt = Date.UTC(2026, 0, 1) + 360_000;
    const requests = { limit: 100, remaining: 99, resetAt, source: 'headers' };
    expect(metas).toEqual([{ status: 200, requestId: 'req_7', limits: { requests } }]);
  });
});

describe('a reader', () => {
  it('who leaves while the next chunk is awaited is let go at once, and the request aborted', async () => {
    const { fetch, aborted } = aHangingFetch();
    const stream = aClient({ fetch }).stream(REQUEST, aContext());
    const iterator = stream[Symbol.asyncIterator]();

    const waiting = iterator.next();
    await aTurn(); // the request is on its way
    await iterator.return?.();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(aborted()).toBe(true);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('who asks for several chunks at once gets them in order', async () => {
    const pieces = [events(aChunk({ content: 'a' })), events(aChunk({ content: 'b' }), '[DONE]')];
    const stream = aClient({ fetch: answering(pieces) }).stream(REQUEST, aContext());
    const iterator = stream[Symbol.asyncIterator]();

    const results = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));

    expect(results.map((result) => (result.done === true ? 'end' : result.value.type))).toEqual([
      'start',
      'text',
      'text',
      'done',
      'end',
    ]);
  });

  it('who aborts gets the very reason, even from a fetch that knows no signal', async () => {
    const controller = new AbortController();
    const reason = { any: 'thing' };
    const stuck = (): Promise<Response> => new Promise(() => undefined);
    const stream = aClient({ fetch: stuck }).stream(
      REQUEST,
      aContext({ signal: controller.signal }),
    );

    const reading = read(stream);
    controller.abort(reason);

    expect((await reading).thrown).toBe(reason);
  });

  it('who aborts leaves a body that arrives late cancelled', async () => {
    const controller = new AbortController();
    let answer: (response: Response) => void = () => undefined;
    let isCancelled = false;
    const late = (): Promise<Response> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const reading = read(
      aClient({ fetch: late }).stream(REQUEST, aContext({ signal: controller.signal })),
    );
    await aTurn(); // the request is on its way

    controller.abort(new Error('left'));
    await reading;
    answer(new Response(new ReadableStream({ cancel: () => void (isCancelled = true) })));
    await aTurn();

    expect(isCancelled).toBe(true);
  });
});

it('a connection that fails tells why, in our own words', async () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed', { cause }));

  const { thrown } = await read(aClient({ fetch }).stream(REQUEST, aContext()));

  expect(thrown).toMatchObject({
    kind: 'network',
    providerCode: 'ECONNREFUSED',
    message: 'Could not reach openai at api.openai.com (ECONNREFUSED)',
  });
});

it('a connection that a browser refuses hints at CORS', async () => {
  const fetch = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

  const { thrown } = await read(aClient({ fetch }).stream(REQUEST, aContext()));

  expect((thrown as Error).message).toContain('CORS');
});

// Joining at each of the 65,536 pieces would copy 34 GB: far beyond the deadline of a test.
it('puts a megabyte of tool arguments together from pieces of 16 characters in no time', () => {
  const call = (args: string, more: object = {}): object =>
    aChunk({ tool_calls: [{ index: 0, ...more, function: { name: 'write', arguments: args } }] });
  const pieces = Array.from({ length: 65_536 }, () => call('x'.repeat(16)));

  const read = decode([
    call('{"text":"', { id: 'a' }),
    ...pieces,
    call('"}'),
    aFinish('tool_calls'),
  ]);

  const [part] = doneOf(read).message.content;
  expect(part).toEqual({
    type: 'tool-call',
    call: { id: 'a', name: 'write', input: { text: 'x'.repeat(1_048_576) } },
  });
});

/** Lets everything that is ready happen. */
function aTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function aHangingFetch(): { readonly fetch: typeof fetch; readonly aborted: () => boolean } {
  let isAborted = false;
  const hanging = (input: RequestInfo | URL): Promise<Response> =>
    new Promise((_, reject) => {
      (input as Request).signal.addEventListener('abort', () => {
        isAborted = true;
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  return { fetch: hanging, aborted: () => isAborted };
}
