import { describe, expect, it } from 'vitest';
import {
  aClient,
  aContext,
  aFinish,
  answering,
  aText,
  doneOf,
  read,
  readBody,
  REQUEST,
  textIn,
} from './support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const TYPES = 'type.googleapis.com/google.rpc.';

function events(...data: readonly object[]): string {
  return data.map((item) => `data: ${JSON.stringify(item)}\r\n\r\n`).join('');
}

function anError(code: number, status: string, more: object = {}): object {
  return { error: { code, status, message: 'no', ...more } };
}

describe('a refusal', () => {
  const badKey = [{ '@type': `${TYPES}ErrorInfo`, reason: 'API_KEY_INVALID' }];
  const tooLong =
    'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).';

  it.each([
    [400, anError(400, 'INVALID_ARGUMENT'), 'bad-request', false],
    [400, anError(400, 'INVALID_ARGUMENT', { details: badKey }), 'auth', false],
    [400, anError(400, 'INVALID_ARGUMENT', { message: tooLong }), 'context-length', false],
    [400, anError(400, 'FAILED_PRECONDITION'), 'bad-request', false],
    [401, anError(401, 'UNAUTHENTICATED'), 'auth', false],
    [403, anError(403, 'PERMISSION_DENIED'), 'permission', false],
    [404, anError(404, 'NOT_FOUND'), 'not-found', false],
    [429, anError(429, 'RESOURCE_EXHAUSTED'), 'rate-limit', true],
    [500, anError(500, 'INTERNAL'), 'server', true],
    [502, '<html>Bad gateway</html>', 'server', true],
    [503, anError(503, 'UNAVAILABLE'), 'overloaded', true],
    [503, [anError(503, 'UNAVAILABLE')], 'overloaded', true],
    [504, anError(504, 'DEADLINE_EXCEEDED'), 'server', true],
  ])('of %i with %j is %s', async (status, body, kind, retryable) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);

    const { chunks, thrown } = await readBody([text], { status, headers: JSON_TYPE });

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ name: 'ProviderError', kind, status, retryable });
  });

  it('tells what the provider said, and its name for it', async () => {
    const text = JSON.stringify(anError(404, 'NOT_FOUND', { message: 'models/x is not found' }));

    const { thrown } = await readBody([text], { status: 404, headers: JSON_TYPE });

    expect(thrown).toMatchObject({
      message: 'gemini answered 404: models/x is not found',
      providerCode: 'NOT_FOUND',
      provider: 'gemini',
      model: 'gemini-x',
    });
  });

  it.each([
    [
      'in Google’s RetryInfo',
      { details: [{ '@type': `${TYPES}RetryInfo`, retryDelay: '34.4s' }] },
      34_400,
    ],
    ['in a sentence alone', { message: 'Please retry in 48.93s.' }, 48_930],
    [
      'as more than anybody believes',
      { details: [{ '@type': `${TYPES}RetryInfo`, retryDelay: '86400s' }] },
      600_000,
    ],
  ])('says how long to wait %s', async (_, more, retryAfterMs) => {
    const text = JSON.stringify(anError(429, 'RESOURCE_EXHAUSTED', more));

    const { thrown } = await readBody([text], { status: 429, headers: JSON_TYPE });

    expect(thrown).toMatchObject({ kind: 'rate-limit', retryAfterMs });
  });

  it('for want of the day’s quota is no matter of seconds', async () => {
    const violations = [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }];
    const details = [
      { '@type': `${TYPES}QuotaFailure`, violations },
      { '@type': `${TYPES}RetryInfo`, retryDelay: '34s' },
    ];
    const text = JSON.stringify(anError(429, 'RESOURCE_EXHAUSTED', { details }));

    const { thrown } = await readBody([text], { status: 429, headers: JSON_TYPE });

    expect(thrown).toMatchObject({ kind: 'quota', retryable: false });
  });

  it('for want of the minute’s quota is one', async () => {
    const violations = [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }];
    const details = [{ '@type': `${TYPES}QuotaFailure`, violations }];
    const text = JSON.stringify(anError(429, 'RESOURCE_EXHAUSTED', { details }));

    expect((await readBody([text], { status: 429, headers: JSON_TYPE })).thrown).toMatchObject({
      kind: 'rate-limit',
    });
  });
});

describe('an answer with 200', () => {
  it('may be one JSON body with the whole answer', async () => {
    const all = await readBody([JSON.stringify(aText('Hi', { finishReason: 'STOP' }))], {
      headers: JSON_TYPE,
    });

    expect(textIn(all.chunks)).toBe('Hi');
    expect(doneOf(all).finish.reason).toBe('stop');
  });

  it('may be one JSON array of events, as it is without alt=sse', async () => {
    const list = JSON.stringify([aText('Hi'), aText(' there'), aFinish()], null, 1);

    const all = await readBody([list.slice(0, 9), list.slice(9)], { headers: JSON_TYPE });

    expect(textIn(all.chunks)).toBe('Hi there');
  });

  it('may be one JSON body with an error, or a list of one', async () => {
    const error = anError(429, 'RESOURCE_EXHAUSTED');

    for (const body of [error, [error]]) {
      const { thrown } = await readBody([JSON.stringify(body)], { headers: JSON_TYPE });
      expect(thrown).toMatchObject({ kind: 'rate-limit' });
    }
  });

  it('may turn into bare JSON in the middle, without data:, which is an error', async () => {
    const bare = JSON.stringify(anError(503, 'UNAVAILABLE'), null, 2);

    const { chunks, thrown } = await readBody([events(aText('Hi')), bare]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'overloaded', providerCode: 'UNAVAILABLE' });
  });

  it('that is an HTML page is malformed', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };

    expect((await readBody(['<html></html>'], { headers })).thrown).toMatchObject({
      kind: 'malformed',
    });
  });

  it('with comments alone is alive, and truncated in the end', async () => {
    const heard: string[] = [];
    const client = aClient({ fetch: answering([': keep-alive\r\n\r\n', ': ping\r\n\r\n']) });

    const { thrown } = await read(
      client.stream(REQUEST, aContext({ onBytes: () => heard.push('bytes') })),
    );

    expect(thrown).toMatchObject({ kind: 'truncated' });
    expect(heard).toHaveLength(2);
  });

  it('is not slowed down by a retry-after, which some send with it', async () => {
    const headers = { 'content-type': 'text/event-stream', 'retry-after': '61' };

    expect((await readBody([events(aText('Hi'), aFinish())], { headers })).thrown).toBeUndefined();
  });

  it('tells the id that a gateway gave the request, and no limits: there are none', async () => {
    const metas: unknown[] = [];
    const headers = { 'x-request-id': 'req_7' };
    const client = aClient({ fetch: answering([events(aText('Hi'), aFinish())], { headers }) });

    const { chunks } = await read(
      client.stream(REQUEST, aContext({ onMeta: (meta) => metas.push(meta) })),
    );

    expect(metas).toEqual([{ status: 200, requestId: 'req_7' }]);
    expect(chunks[0]).toMatchObject({ type: 'start', requestId: 'req_7' });
  });

  it('asks the model that the request names', async () => {
    const urls: string[] = [];
    const fetch = (input: RequestInfo | URL): Promise<Response> => {
      urls.push(new URL((input as Request).url).pathname);
      return answering([events(aText('Hi'), aFinish())])(input);
    };

    await read(aClient({ fetch }).stream({ ...REQUEST, model: 'gemini-y' }, aContext()));

    expect(urls).toEqual(['/v1beta/models/gemini-y:streamGenerateContent']);
  });
});
