import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { openaiDialect } from '../../../packages/adapters/src/mock/dialect/openai.ts';
import type { Plan } from '../../../packages/adapters/src/mock/plan.ts';
import { Upstream, type UpstreamOptions } from '../../../packages/adapters/src/mock/upstream.ts';
import type { ScriptSource } from '../../../packages/adapters/src/mock/script.ts';
import { answerOf } from '../../support/scripted-answer.ts';

const PATH = '/v1/chat/completions';
const BODY = { model: 'gpt-x', messages: [{ role: 'user', content: 'What is a sluice?' }] };

function anUpstream(
  source: ScriptSource,
  options: UpstreamOptions = {},
): { upstream: Upstream; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { upstream: new Upstream(source, { ...options, clock }), clock };
}

function ask(upstream: Upstream, headers: Record<string, string> = {}): Plan {
  const request = { method: 'POST', path: PATH, headers, body: BODY };
  const { plan, exchange } = upstream.serve(openaiDialect, 'completion', request);
  exchange?.finish();
  return plan;
}

describe('a mocked provider', () => {
  it('picks replies by the attempt, so that a retry can be answered otherwise', () => {
    const { upstream } = anUpstream(({ attempt }) =>
      attempt === 1 ? { fault: { kind: 'status', status: 500 } } : {},
    );

    const statuses = [ask(upstream), ask(upstream)].map((plan) => answerOf(plan).status);

    expect(statuses).toEqual([500, 200]);
  });

  it('picks replies by a header', () => {
    const { upstream } = anUpstream([
      {
        when: ({ headers }) => headers['x-tenant'] === 'b',
        reply: { fault: { kind: 'status', status: 403 } },
      },
      {},
    ]);

    const statuses = ['b', 'a'].map((tenant) => answerOf(ask(upstream, { 'x-tenant': tenant })));

    expect(statuses.map(({ status }) => status)).toEqual([403, 200]);
  });

  it.each([
    'authorization',
    'x-api-key',
    'x-goog-api-key',
    'api-key',
    'cookie',
    'proxy-authorization',
    'x-auth-token',
    'x-amz-signature',
    'x-client-secret',
  ])('keeps no header named %s', (name) => {
    const { upstream } = anUpstream({});

    ask(upstream, { [name]: 'canary', 'x-tenant': 'b' });

    expect(JSON.stringify(upstream.journal.exchanges)).not.toContain('canary');
    expect(upstream.journal.questions[0]?.headers).toEqual({ 'x-tenant': 'b' });
  });

  it('keeps no value that looks like a key, whatever its header is called', () => {
    const { upstream } = anUpstream({});

    ask(upstream, { 'x-upstream': 'sk-canary-0123456789abcdef0123456789' });

    expect(JSON.stringify(upstream.journal.exchanges)).not.toContain('canary');
  });

  it('answers 429 in the words and headers of its dialect to who asks too often, and spends no reply on it', async () => {
    const { upstream, clock } = anUpstream([{ text: 'one' }, { text: 'two' }], {
      limiter: { requestsPerMinute: 1 },
    });

    const first = answerOf(ask(upstream));
    await clock.advance(13_500);
    const second = answerOf(ask(upstream));
    await clock.advance(46_500);
    const third = answerOf(ask(upstream));

    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
    });
    expect(second.status).toBe(429);
    expect(second.headers).toMatchObject({
      'retry-after': '46.5',
      'x-ratelimit-reset-requests': '46.5s',
    });
    expect(textOf(second)).toContain('rate_limit_exceeded');
    expect(textOf(third)).toContain('two');
  });
});

function textOf(plan: ReturnType<typeof answerOf>): string {
  return Buffer.concat(plan.steps.map(({ bytes }) => bytes)).toString('utf8');
}
