import { assistantMessage, systemMessage, toolMessage, userMessage } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { ollamaDialect } from '../../../packages/adapters/src/mock/dialect/ollama.ts';
import { encodeRequest } from '../../../packages/adapters/src/ollama/request.ts';
import { answerOf, aPlay, aQuestion, piecesOf } from '../../support/scripted-answer.ts';
import { decodeBytes, doneOf, textIn } from './support.ts';

describe('a mocked Ollama', () => {
  it.each([
    ['POST', '/api/chat', 'completion'],
    ['GET', '/api/tags', 'models'],
    ['GET', '/api/version', 'health'],
    ['POST', '/v1/chat/completions', undefined],
  ] as const)('takes %s %s for %s', (method, path, ask) => {
    expect(ollamaDialect.ask({ method, path, headers: {} })).toBe(ask);
  });

  it('reads what Sluice asks', () => {
    const messages = [
      systemMessage('Be brief.'),
      userMessage('Weather?'),
      assistantMessage([
        { type: 'tool-call', call: { id: 'a', name: 'weather', input: { city: 'Oslo' } } },
      ]),
      toolMessage([{ type: 'tool-result', callId: 'a', name: 'weather', content: '7 C' }]),
    ];
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    const options = { model: 'llama-x', provider: 'ollama' };
    const { path, body } = encodeRequest({ messages, tools }, options);

    expect(ollamaDialect.readQuestion(body, `/${path}`)).toMatchObject({
      model: 'llama-x',
      text: 'Weather?',
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'Weather?' },
        { role: 'assistant', text: '' },
        { role: 'tool', text: '7 C' },
      ],
      tools: ['weather'],
    });
  });

  it.each([undefined, null, 7, { messages: [7] }])('reads %j as no question', (body) => {
    expect(ollamaDialect.readQuestion(body, '/').text).toBe('');
  });

  it('says in a sentence how long to wait, when told so', () => {
    const fault = { kind: 'status', status: 429, retryAfterMs: 3_500, retryHint: 'body' } as const;

    const plan = answerOf(ollamaDialect.planReply(aQuestion(), { fault }, aPlay()));

    const text = Buffer.concat(plan.steps.map(({ bytes }) => bytes)).toString();
    expect(text).toBe('{"error":"too many requests, try again in 3.5s"}');
  });

  it('has one word for the end, whatever it was, but for the limit of tokens', () => {
    const rawOf = (reply: object): string | undefined =>
      doneOf(decodeBytes(piecesOf(ollamaDialect, reply))).finish.raw;

    expect(rawOf({ finish: 'length' })).toBe('length');
    expect(rawOf({ refusal: 'No' })).toBe('stop');
    expect(rawOf({ toolCalls: [{ name: 'a', input: {} }] })).toBe('stop');
  });

  it('sends calls whole, each in a line of its own, or all in one', () => {
    const toolCalls = [
      { name: 'a', input: {} },
      { name: 'b', input: '[1]' },
    ];

    const apart = piecesOf(ollamaDialect, { text: '', toolCalls });
    const together = piecesOf(ollamaDialect, { text: '', toolCalls, areCallsInterleaved: true });

    expect(apart).toHaveLength(3);
    expect(together).toHaveLength(2);
    expect(decodeBytes(together).chunks.filter(({ type }) => type === 'tool')).toMatchObject([
      { call: { name: 'a', input: {} } },
      { call: { name: 'b', input: { input: [1] } } },
    ]);
  });

  it('tells no counts where none are to be told', () => {
    const read = decodeBytes(piecesOf(ollamaDialect, { text: 'Hi', usage: null }));

    expect(textIn(read.chunks)).toBe('Hi');
    expect(doneOf(read).usage.estimated).toBe(true);
  });
});
