import { assistantMessage, systemMessage, toolMessage, userMessage } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../packages/adapters/src/gemini/request.ts';
import { geminiDialect } from '../../../packages/adapters/src/mock/dialect/gemini.ts';
import { THOUGHT_SIGNATURE } from '../../../packages/adapters/src/mock/dialect/gemini-part.ts';
import type { Plan } from '../../../packages/adapters/src/mock/plan.ts';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { answerOf, aPlay, aQuestion, piecesOf } from '../../support/scripted-answer.ts';
import { decodeBytes, doneOf, textIn } from './support.ts';

const headers = { 'x-goog-api-key': 'k' };

function textOf(plan: Plan): string {
  return Buffer.concat(answerOf(plan).steps.map(({ bytes }) => bytes)).toString();
}

function planOf(reply: Reply): Plan {
  return geminiDialect.planReply(aQuestion(), reply, aPlay());
}

describe('a mocked Gemini', () => {
  it.each([
    ['POST', '/v1beta/models/x:streamGenerateContent', {}, 'completion'],
    ['GET', '/v1beta/models', {}, 'models'],
    ['GET', '/elsewhere/models', headers, 'models'],
    ['GET', '/v1/models', {}, undefined],
    ['POST', '/v1/chat/completions', headers, undefined],
  ] as const)('takes %s %s with %j for %s', (method, path, withHeaders, ask) => {
    expect(geminiDialect.ask({ method, path, headers: withHeaders })).toBe(ask);
  });

  it('lets in whoever shows the key, or a token, where it belongs', () => {
    expect(geminiDialect.isLetIn({ 'x-goog-api-key': 'k' }, 'k')).toBe(true);
    expect(geminiDialect.isLetIn({ authorization: 'Bearer k' }, 'k')).toBe(true);
    expect(geminiDialect.isLetIn({ 'x-goog-api-key': 'other' }, 'k')).toBe(false);
  });

  it('reads what Sluice asks', () => {
    const messages = [
      systemMessage('Be brief.'),
      userMessage('Weather?'),
      assistantMessage([
        { type: 'text', text: 'Let me see' },
        { type: 'tool-call', call: { id: 'a', name: 'weather', input: {} } },
      ]),
      toolMessage([{ type: 'tool-result', callId: 'a', name: 'weather', content: '7 C' }]),
    ];
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    const options = { model: 'gemini x', provider: 'gemini' };
    const { path, body } = encodeRequest({ messages, tools }, options);

    const asked = geminiDialect.readQuestion(body, `/v1beta/${path.split('?', 1)[0]}`);

    expect(asked).toMatchObject({
      model: 'gemini x',
      text: 'Weather?',
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'Weather?' },
        { role: 'assistant', text: 'Let me see' },
        { role: 'tool', text: '7 C' },
      ],
      tools: ['weather'],
    });
  });

  it.each([undefined, null, 7, { contents: [7, { parts: 7 }] }])(
    'reads %j as no question',
    (body) => {
      expect(geminiDialect.readQuestion(body, '/').text).toBe('');
    },
  );

  it('refuses a wrong key as Google does: with 400', () => {
    const plan = geminiDialect.planRefusal(401);

    expect(answerOf(plan).status).toBe(400);
    expect(textOf(plan)).toContain('API_KEY_INVALID');
  });

  it('says in the body how long to wait, and in a header only when told so', () => {
    const fault = { kind: 'status', status: 429, retryAfterMs: 34_400 } as const;

    const plan = planOf({ fault });
    const byHeader = planOf({ fault: { ...fault, retryHint: 'seconds' } });

    expect(answerOf(plan).headers).not.toHaveProperty('retry-after');
    expect(textOf(plan)).toContain('"retryDelay":"34.4s"');
    expect(answerOf(byHeader).headers).toHaveProperty('retry-after', '34.4');
    expect(textOf(byHeader)).not.toContain('retryDelay');
  });

  it('signs the first call alone, and ends its lines as Google does', () => {
    const calls = [
      { name: 'a', input: {} },
      { name: 'b', input: '[1]' },
      { name: 'c', input: 'not json' },
    ];

    const plan = planOf({ text: '', toolCalls: calls });

    expect(textOf(plan)).toContain('\r\n\r\n');
    const { message } = doneOf(decodeBytes(answerOf(plan).steps.map(({ bytes }) => bytes)));
    expect(message.content).toMatchObject([
      { call: { input: {} }, extra: { gemini: { thoughtSignature: THOUGHT_SIGNATURE } } },
      { call: { input: { input: [1] } }, extra: undefined },
      { call: { input: { input: 'not json' } }, extra: undefined },
    ]);
  });

  it('declines in words, and for safety', () => {
    const read = decodeBytes(piecesOf(geminiDialect, { refusal: 'I will not' }));

    expect(textIn(read.chunks)).toBe('I will not');
    expect(doneOf(read).finish).toEqual({ reason: 'content-filter', raw: 'SAFETY' });
  });

  it('counts the thoughts beside the candidates, and tells nothing where nothing is to be told', () => {
    const usage = { input: { total: 9, cacheRead: 4 }, output: { total: 5, reasoning: 3 } };

    const told = doneOf(decodeBytes(piecesOf(geminiDialect, { usage })));
    const untold = doneOf(decodeBytes(piecesOf(geminiDialect, { usage: null })));

    expect(textOf(planOf({ usage }))).toContain('"candidatesTokenCount":2');
    expect(told.usage).toEqual(usage);
    expect(untold.usage.estimated).toBe(true);
  });
});
