import type { ProviderErrorKind } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { failWith } from '../../../packages/adapters/src/transport/failure.ts';
import {
  complaintFailure,
  complaintIn,
  refusalOf,
} from '../../../packages/adapters/src/transport/status.ts';

const fail = failWith({ provider: 'acme', redact: (text) => text });

function refused(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): ReturnType<typeof refusalOf> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { signal } = new AbortController();
  const response = new Response(text, { status, headers });
  return refusalOf(response, { fail, provider: 'acme', nowMs: 0, signal });
}

describe('a refusal', () => {
  it.each<[string, number, unknown, ProviderErrorKind, string | undefined]>([
    [
      'OpenAI, no money',
      429,
      openai('insufficient_quota', 'insufficient_quota'),
      'quota',
      'insufficient_quota',
    ],
    [
      'OpenAI, too fast',
      429,
      openai('requests', 'rate_limit_exceeded'),
      'rate-limit',
      'rate_limit_exceeded',
    ],
    ['OpenAI, slow down', 503, openai('server_error', 'slow_down'), 'overloaded', 'slow_down'],
    [
      'xAI, a wrong key',
      400,
      { code: 'x', error: 'Incorrect API key provided: xa***' },
      'auth',
      undefined,
    ],
    [
      'Anthropic, a wrong key',
      401,
      anthropic('authentication_error'),
      'auth',
      'authentication_error',
    ],
    ['Anthropic, no money', 402, anthropic('billing_error'), 'quota', 'billing_error'],
    [
      'Anthropic, no credit',
      400,
      anthropic('invalid_request_error', 'Your credit balance is too low'),
      'quota',
      'invalid_request_error',
    ],
    [
      'Anthropic, too long',
      400,
      anthropic('invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum'),
      'context-length',
      'invalid_request_error',
    ],
    [
      'Anthropic, too large',
      413,
      anthropic('request_too_large'),
      'context-length',
      'request_too_large',
    ],
    ['Anthropic, overloaded', 529, anthropic('overloaded_error'), 'overloaded', 'overloaded_error'],
    ['Anthropic, its own limit', 504, anthropic('timeout_error'), 'server', 'timeout_error'],
    [
      'Gemini, a wrong key',
      400,
      gemini(400, 'INVALID_ARGUMENT', [
        { '@type': 'x/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
      ]),
      'auth',
      'API_KEY_INVALID',
    ],
    [
      'Gemini, a wrong request',
      400,
      gemini(400, 'INVALID_ARGUMENT'),
      'bad-request',
      'INVALID_ARGUMENT',
    ],
    [
      'Gemini, too fast',
      429,
      [gemini(429, 'RESOURCE_EXHAUSTED')],
      'rate-limit',
      'RESOURCE_EXHAUSTED',
    ],
    ['Gemini, unavailable', 503, gemini(503, 'UNAVAILABLE'), 'overloaded', 'UNAVAILABLE'],
    ['Ollama, no such model', 404, { error: "model 'x' not found" }, 'not-found', undefined],
    ['Ollama, busy', 503, { error: 'server busy, please try again' }, 'overloaded', undefined],
    ['Mistral, a wrong request', 422, { detail: 'bad' }, 'bad-request', undefined],
    ['a gateway', 502, '<html>Bad Gateway</html>', 'server', undefined],
  ])('of %s is told in the common words', async (_, status, body, kind, providerCode) => {
    expect(await refused(status, body)).toMatchObject({ kind, status, providerCode });
  });

  it('tells the wait that Google puts into the body, since it sends no header', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }];

    const error = await refused(429, gemini(429, 'RESOURCE_EXHAUSTED', details));

    expect(error.retryAfterMs).toBe(34_400);
  });

  it('believes a header before the body', async () => {
    const details = [{ retryDelay: '34s' }];

    const error = await refused(429, gemini(429, 'X', details), { 'retry-after': '2' });

    expect(error.retryAfterMs).toBe(2_000);
  });

  it('tells the id that Anthropic puts into the body', async () => {
    const error = await refused(500, { ...anthropic('api_error'), request_id: 'req_1' });

    expect(error.requestId).toBe('req_1');
  });

  it('is or is not to be tried again as its provider says', async () => {
    const headers = { 'x-should-retry': 'false' };

    expect(await refused(529, anthropic('overloaded_error'))).toMatchObject({ retryable: true });
    expect(await refused(529, anthropic('overloaded_error'), headers)).toMatchObject({
      retryable: false,
    });
  });
});

describe('an error inside an answer', () => {
  it.each<[string, unknown, ProviderErrorKind]>([
    ['Anthropic, overloaded', anthropic('overloaded_error'), 'overloaded'],
    ['Anthropic, too fast', anthropic('rate_limit_error'), 'rate-limit'],
    ['Anthropic, its own fault', anthropic('api_error'), 'server'],
    [
      'OpenAI, too long',
      openai('invalid_request_error', 'context_length_exceeded'),
      'context-length',
    ],
    ['OpenAI, its own fault', openai('server_error', null), 'server'],
    ['Gemini, too fast', gemini(429, 'RESOURCE_EXHAUSTED'), 'rate-limit'],
    ['Gemini, unavailable', { error: { status: 'UNAVAILABLE' } }, 'overloaded'],
    ['Ollama, of any kind', { error: 'an error was encountered' }, 'server'],
    ['nobody in particular', {}, 'server'],
  ])('of %s is told in the common words', (_, event, kind) => {
    expect(complaintFailure(complaintIn(event), { fail, provider: 'acme' }).kind).toBe(kind);
  });

  it('tells the wait in its words', () => {
    const complaint = complaintIn(openai('requests', null, 'Please try again in 6m0s.'));

    const error = complaintFailure(complaint, { fail, provider: 'acme' });

    expect(error.retryAfterMs).toBe(360_000);
  });
});

function openai(type: string, code: string | null, message = 'No'): object {
  return { error: { message, type, param: null, code } };
}

function anthropic(type: string, message = 'No'): object {
  return { type: 'error', error: { type, message } };
}

function gemini(code: number, status: string, details: readonly object[] = []): object {
  return { error: { code, message: 'No', status, details } };
}
