import { describe, expect, it } from 'vitest';
import { aContext, answering, doneOf, read, REQUEST, textIn } from '../../support/decoding.ts';
import { aClient, aCall, anEnd, aStart, aText, decode, readBody, written } from './support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a refusal', () => {
  it.each([
    [400, 'invalid_request_error', 'bad-request', false],
    [401, 'authentication_error', 'auth', false],
    [402, 'billing_error', 'quota', false],
    [403, 'permission_error', 'permission', false],
    [404, 'not_found_error', 'not-found', false],
    [413, 'request_too_large', 'context-length', false],
    [429, 'rate_limit_error', 'rate-limit', true],
    [500, 'api_error', 'server', true],
    [504, 'timeout_error', 'server', true],
    [529, 'overloaded_error', 'overloaded', true],
  ])('of %i with %s is %s', async (status, type, kind, retryable) => {
    const body = JSON.stringify({ type: 'error', error: { type, message: 'x' } });

    const { chunks, thrown } = await readBody([body], { status, headers: JSON_TYPE });

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ kind, status, retryable, providerCode: type });
  });

  it('tells what the provider said, its code and the request', async () => {
    const error = { type: 'not_found_error', message: 'model: claude-nope' };
    const headers = { ...JSON_TYPE, 'request-id': 'req_1' };

    const { thrown } = await readBody([JSON.stringify({ type: 'error', error })], {
      status: 404,
      headers,
    });

    expect(thrown).toMatchObject({
      message: 'anthropic answered 404: model: claude-nope',
      requestId: 'req_1',
      provider: 'anthropic',
      model: 'claude-x',
    });
  });

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 9_000],
    [{ 'retry-after': '999999' }, 600_000],
    [{}, undefined],
  ])('with %j says how long to wait', async (headers, retryAfterMs) => {
    const { thrown } = await readBody(['{}'], { status: 429, headers });

    expect(thrown).toMatchObject({ kind: 'rate-limit', retryAfterMs });
  });

  it.each([
    ['true', 400, true],
    ['false', 529, false],
  ])('that says x-should-retry: %s is obeyed', async (value, status, retryable) => {
    const headers = { 'x-should-retry': value };

    expect((await readBody([''], { status, headers })).thrown).toMatchObject({ retryable });
  });
});

describe('an answer with 200', () => {
  const whole = written([aStart(), ...aText(0, 'Hi'), ...anEnd()]);

  it('is not slowed down by a retry-after, which Anthropic sends with it at times', async () => {
    const headers = { 'content-type': 'text/event-stream', 'retry-after': '61' };

    expect((await readBody([whole], { headers })).thrown).toBeUndefined();
  });

  it('is told with its request id and the limits that its headers tell', async () => {
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'request-id': 'req_7',
      'anthropic-ratelimit-requests-limit': '100',
      'anthropic-ratelimit-requests-remaining': '99',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:11Z',
    };
    const metas: unknown[] = [];
    const client = aClient({ fetch: answering([whole], { headers }) });

    const all = await read(
      client.stream(REQUEST, aContext({ onMeta: (meta) => metas.push(meta) })),
    );

    const resetAt = Date.UTC(2026, 0, 1) + 11_000;
    const requests = { limit: 100, remaining: 99, resetAt, source: 'headers' };
    expect(metas).toEqual([{ status: 200, requestId: 'req_7', limits: { requests } }]);
    expect(all.chunks[0]).toMatchObject({ type: 'start', requestId: 'req_7' });
  });

  it('may be one JSON body with the whole answer', async () => {
    const content = [{ type: 'text', text: 'Hi' }];
    const body = JSON.stringify({ type: 'message', content, stop_reason: 'end_turn' });

    const all = await readBody([body], { headers: JSON_TYPE });

    expect(textIn(all.chunks)).toBe('Hi');
    expect(doneOf(all)).toMatchObject({ finish: { reason: 'stop' }, usage: { estimated: true } });
  });

  it('may be one JSON body with an error', async () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error' } });

    expect((await readBody([body], { headers: JSON_TYPE })).thrown).toMatchObject({
      kind: 'overloaded',
    });
  });

  it('that is one JSON body of something else is truncated', async () => {
    expect((await readBody(['{"ok":true}'], { headers: JSON_TYPE })).thrown).toMatchObject({
      kind: 'truncated',
    });
  });

  it('that is an HTML page is malformed', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };

    expect((await readBody(['<html></html>'], { headers })).thrown).toMatchObject({
      kind: 'malformed',
    });
  });

  it('with pings alone is alive, and truncated', async () => {
    const heard: string[] = [];
    const pings = Array.from({ length: 3 }, () => written([{ type: 'ping' }]));
    const client = aClient({ fetch: answering(pings) });

    const { chunks, thrown } = await read(
      client.stream(REQUEST, aContext({ onBytes: () => heard.push('bytes') })),
    );

    expect(chunks).toEqual([]);
    expect(heard).toHaveLength(3);
    expect(thrown).toMatchObject({ kind: 'truncated' });
  });

  it('cancels its body after message_stop, whatever the server does with the connection', async () => {
    let isCancelled = false;
    const lingering = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(whole)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const headers = { 'content-type': 'text/event-stream' };
    const fetch = (): Promise<Response> => Promise.resolve(new Response(lingering, { headers }));

    const all = await read(aClient({ fetch }).stream(REQUEST, aContext()));

    expect(doneOf(all).finish.reason).toBe('stop');
    expect(isCancelled).toBe(true);
  });
});

// Joining at each of the 65,536 pieces would copy 34 GB: far beyond the deadline of a test.
it('puts a megabyte of tool arguments together from pieces of 16 characters in no time', () => {
  const [begin, end] = aCall(0, { id: 'a', name: 'write' });
  const piece = (partial_json: string): object => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'input_json_delta', partial_json },
  });
  const pieces = Array.from({ length: 65_536 }, () => piece('x'.repeat(16)));

  const read = decode([
    aStart(),
    begin as object,
    piece('{"text":"'),
    ...pieces,
    piece('"}'),
    end as object,
    ...anEnd('tool_use'),
  ]);

  expect(doneOf(read).message.content).toEqual([
    {
      type: 'tool-call',
      call: { id: 'a', name: 'write', input: { text: 'x'.repeat(1_048_576) } },
    },
  ]);
});
