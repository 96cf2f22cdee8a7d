import { ProviderError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../packages/adapters/src/gemini/request.ts';
import { aFinish, anEvent, aText, decode, doneOf, textIn } from './support.ts';

const STOP = { finishReason: 'STOP' };

describe('the text of an answer', () => {
  it('comes in pieces, and whole at the end', () => {
    const { chunks } = decode([aText('Hi'), aText(' there'), aFinish()]);

    const usage = { input: { total: 9 }, output: { total: 2 } };
    expect(chunks).toEqual([
      { type: 'start', model: 'gemini-x', responseId: 'r1' },
      { type: 'text', index: 0, delta: 'Hi' },
      { type: 'text', index: 0, delta: ' there' },
      { type: 'usage', usage },
      {
        type: 'done',
        finish: { reason: 'stop', raw: 'STOP' },
        usage,
        message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
        attempts: [],
      },
    ]);
  });

  it('is truncated without a finish reason, with what came', () => {
    const { chunks, thrown } = decode([aText('Hi')]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'truncated', retryable: true });
  });

  it('is truncated when nothing came at all', () => {
    expect(decode([]).thrown).toMatchObject({ kind: 'truncated' });
  });

  it('is that of the first candidate alone', () => {
    const candidates = [
      { index: 1, content: { parts: [{ text: 'no' }] } },
      { index: 0, content: { parts: [{ text: 'yes' }] }, ...STOP },
    ];

    expect(textIn(decode([{ candidates }]).chunks)).toBe('yes');
  });

  it('is found in a whole answer, and in one that is a list of events', () => {
    const all = [aText('Hi'), aText(' there', STOP)];

    expect(doneOf(decode([aText('Hi there', STOP)])).finish.reason).toBe('stop');
    expect(textIn(decode([JSON.stringify(all, null, 2)]).chunks)).toBe('Hi there');
  });

  it('may hold images, which are handed out as parts', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };

    const { chunks, ...rest } = decode([anEvent([{ text: 'See: ' }, image], STOP)]);

    const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' };
    expect(chunks).toContainEqual({ type: 'part', index: 1, part: { type: 'image', source } });
    expect(doneOf({ chunks, ...rest }).message.content[1]).toMatchObject({ type: 'image', source });
  });

  it('may hold code that ran at Google, which is no call for the caller', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1+1' } };
    const result = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } };

    const done = doneOf(decode([anEvent([code, result, { text: 'Two' }], STOP)]));

    expect(done.finish.reason).toBe('stop');
    expect(done.message.content).toMatchObject([
      { type: 'provider', kind: 'executableCode', extra: { gemini: code } },
      { type: 'provider', kind: 'codeExecutionResult', extra: { gemini: result } },
      { type: 'text', text: 'Two' },
    ]);
  });
});

describe('a thought signature', () => {
  it('stays with the very part that it came with', () => {
    const done = doneOf(
      decode([
        anEvent([{ text: 'Hm', thought: true }]),
        aText('Let me'),
        anEvent([{ text: ' see', thoughtSignature: 'S1' }]),
        aText(' now'),
        anEvent([
          { functionCall: { name: 'a', args: {} }, thoughtSignature: 'S2' },
          { functionCall: { name: 'b', args: {} } },
        ]),
        anEvent([{ text: '', thoughtSignature: 'S3' }]),
        aFinish(),
      ]),
    );

    expect(done.message.content).toMatchObject([
      { type: 'thinking', text: 'Hm', extra: { gemini: { thought: true } } },
      { type: 'text', text: 'Let me', extra: undefined },
      { type: 'text', text: ' see', extra: { gemini: { thoughtSignature: 'S1' } } },
      { type: 'text', text: ' now', extra: undefined },
      { type: 'tool-call', call: { name: 'a' }, extra: { gemini: { thoughtSignature: 'S2' } } },
      { type: 'tool-call', call: { name: 'b' }, extra: undefined },
      { type: 'text', text: '', extra: { gemini: { thoughtSignature: 'S3' } } },
    ]);
  });

  it('of a call that comes field by field may come with any of them', () => {
    const begin = { functionCall: { name: 'f', willContinue: true } };
    const field = { partialArgs: [{ jsonPath: '$.a', numberValue: 1 }], willContinue: true };
    const end = { functionCall: {}, thoughtSignature: 'S' };

    const read = decode([anEvent([begin]), anEvent([{ functionCall: field }, end]), aFinish()]);

    expect(doneOf(read).message.content).toMatchObject([
      { call: { name: 'f', input: { a: 1 } }, extra: { gemini: { thoughtSignature: 'S' } } },
    ]);
  });

  it('without any text is handed out as a part, and not as text', () => {
    const { chunks } = decode([anEvent([{ thoughtSignature: 'S' }]), aFinish()]);

    expect(chunks.map(({ type }) => type)).toEqual(['start', 'part', 'usage', 'done']);
  });

  it('is kept under the name that the provider was given', () => {
    const event = anEvent([{ text: 'a', thoughtSignature: 'S' }], STOP);

    expect(doneOf(decode([event], { provider: 'vertex' })).message.content).toMatchObject([
      { extra: { vertex: { thoughtSignature: 'S' } } },
    ]);
  });
});

describe('a message', () => {
  it('goes back to the provider as it came, part by part, after its thoughtSignatures', () => {
    const parts = [
      { text: 'Hm', thought: true },
      { text: 'Let me see', thoughtSignature: 'S1' },
      { functionCall: { id: 'fc-1', name: 'a', args: { x: 1 } }, thoughtSignature: 'S2' },
      { functionCall: { name: 'b', args: {} } },
      { executableCode: { code: '1+1' }, thoughtSignature: 'S3' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { text: '', thoughtSignature: 'S4' },
    ];

    const { message } = doneOf(decode([anEvent(parts), aFinish()]));
    const options = { model: 'gemini-3-pro', provider: 'gemini' };
    const { body } = encodeRequest({ messages: [message] }, options);

    const travelled = JSON.parse(JSON.stringify(body)) as object;
    expect(travelled).toEqual({ contents: [{ role: 'model', parts }] });
  });
});

describe('a tool call', () => {
  it('is told when it comes, and handed out at the end', () => {
    const call = { id: 'fc-1', name: 'weather', args: { city: 'Oslo' } };

    const { chunks } = decode([anEvent([{ functionCall: call }]), aText('Wait'), aFinish()]);

    expect(chunks.slice(1, 5)).toMatchObject([
      { type: 'tool-start', index: 0, id: 'fc-1', name: 'weather' },
      { type: 'tool-delta', index: 0, delta: '{"city":"Oslo"}' },
      { type: 'text', index: 1 },
      { type: 'usage' },
    ]);
    expect(chunks[5]).toEqual({
      type: 'tool',
      index: 0,
      call: { id: 'fc-1', name: 'weather', input: { city: 'Oslo' } },
    });
  });

  it('without an id gets one that no other call of the conversation has', () => {
    const call = { functionCall: { name: 'now' } };
    const idsOf = (responseId: string): readonly string[] => {
      const { chunks } = decode([{ ...anEvent([call, call], STOP), responseId }]);
      return chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call.id] : []));
    };

    expect(new Set([...idsOf('r1'), ...idsOf('r2')]).size).toBe(4);
  });

  it('field by field may name any path, and none that is dangerous', () => {
    const paths = [
      ['$.__proto__.polluted', 'stringValue', 'yes'],
      ['$.list[2]', 'numberValue', 3],
      ['$.list[0]', 'numberValue', 1],
      ['$.list[999999999]', 'numberValue', 9],
      ['$.list[99999]', 'numberValue', 9],
      [`$${'.a'.repeat(1_000)}`, 'numberValue', 9],
      ['$', 'stringValue', 'root'],
      ['no path', 'stringValue', 'x'],
      ['$.list.name', 'stringValue', 'no field of a list'],
      ['$["double"]', 'boolValue', false],
    ] as const;
    const partialArgs = paths.map(([jsonPath, field, value]) => ({ jsonPath, [field]: value }));
    const call = { functionCall: { name: 'f', willContinue: true, partialArgs } };

    const { chunks } = decode([anEvent([call], STOP)]);

    const [input] = chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call.input] : []));
    expect(JSON.stringify(input)).toBe(
      '{"__proto__":{"polluted":"yes"},"list":[1,3],"double":false}',
    );
    expect({}).not.toHaveProperty('polluted');
  });

  it('field by field costs linear time', () => {
    const piece = { jsonPath: '$.text', stringValue: 'sixteen letters.', willContinue: true };
    const more = anEvent([{ functionCall: { partialArgs: [piece], willContinue: true } }]);
    const first = anEvent([{ functionCall: { name: 'write', willContinue: true } }]);

    const { chunks } = decode([first, ...Array.from({ length: 16_384 }, () => more), aFinish()]);

    const [input] = chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call.input] : []));
    expect((input as { text: string }).text).toHaveLength(262_144);
  }, 5_000);
});

describe('the finish reason', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
    ['IMAGE_RECITATION', 'content-filter'],
    ['LANGUAGE', 'other'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
    ['UNEXPECTED_TOOL_CALL', 'other'],
    ['TOO_MANY_TOOL_CALLS', 'other'],
    ['IMAGE_OTHER', 'other'],
    ['NO_IMAGE', 'other'],
    ['OTHER', 'other'],
    ['SOMETHING_NEW', 'other'],
  ])('%s is %s, and told as it came', (raw, reason) => {
    expect(doneOf(decode([aText('Hi'), aFinish(raw)])).finish).toEqual({ reason, raw });
  });

  it('STOP with a call is tool-calls', () => {
    const read = decode([anEvent([{ functionCall: { name: 'now' } }], STOP)]);

    expect(doneOf(read).finish).toEqual({ reason: 'tool-calls', raw: 'STOP' });
  });

  it('may come before the last event', () => {
    const read = decode([aText('a', STOP), aText('b')]);

    expect(textIn(read.chunks)).toBe('ab');
    expect(doneOf(read).finish.raw).toBe('STOP');
  });
});

describe('a prompt that was blocked', () => {
  it('is no empty answer: it has no candidate, and says why', () => {
    const { chunks, thrown } = decode([
      { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 7 } },
    ]);

    expect(ProviderError.is(thrown)).toBe(true);
    expect(thrown).toMatchObject({
      kind: 'content-filter',
      providerCode: 'SAFETY',
      retryable: false,
      message: 'gemini blocked the prompt: SAFETY',
    });
    expect(chunks).toContainEqual({
      type: 'usage',
      usage: { input: { total: 7 }, output: { total: 0 } },
    });
  });

  it('is not one whose feedback says nothing', () => {
    const read = decode([{ promptFeedback: { safetyRatings: [] } }, aText('Hi'), aFinish()]);

    expect(textIn(read.chunks)).toBe('Hi');
  });
});

describe('the usage', () => {
  const usageOf = (...metadata: readonly object[]): unknown =>
    doneOf(
      decode(
        [aText('four'), ...metadata.map((usageMetadata) => ({ usageMetadata })), aText('', STOP)],
        { estimateInput: () => 5 },
      ),
    ).usage;

  it('counts the thoughts as output, and the prompts of tools as input', () => {
    const metadata = {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 20,
      cachedContentTokenCount: 64,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 30,
      totalTokenCount: 157,
    };

    expect(usageOf(metadata)).toEqual({
      input: { total: 120, cacheRead: 64 },
      output: { total: 37, reasoning: 30 },
    });
  });

  it('is the last of each count, since counts are cumulative and may be missing', () => {
    expect(
      usageOf(
        { promptTokenCount: 9, thoughtsTokenCount: 11 },
        { candidatesTokenCount: 1 },
        { candidatesTokenCount: 12, promptTokenCount: null },
      ),
    ).toEqual({ input: { total: 9 }, output: { total: 23, reasoning: 11 } });
  });

  it('is found by the total where the prompt is not told', () => {
    expect(usageOf({ candidatesTokenCount: 2, totalTokenCount: 11 })).toMatchObject({
      input: { total: 9 },
    });
  });

  it('is estimated, and says so, where neither is told', () => {
    expect(usageOf({ candidatesTokenCount: 2 })).toMatchObject({
      input: { total: 5 },
      output: { total: 2 },
      estimated: true,
    });
    expect(usageOf()).toEqual({ input: { total: 5 }, output: { total: 1 }, estimated: true });
  });

  it('is handed on when it changes, and only then', () => {
    const same = { usageMetadata: { promptTokenCount: 9 } };

    const { chunks } = decode([aText('a'), same, same, aFinish()]);

    expect(chunks.filter(({ type }) => type === 'usage')).toHaveLength(2);
  });
});

describe('an error in the stream', () => {
  const anError = (code: number, status: string, message = 'no'): object => ({
    error: { code, status, message },
  });

  it('is an error as the very first event', () => {
    const { chunks, thrown } = decode([anError(500, 'INTERNAL')]);

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ kind: 'server', providerCode: 'INTERNAL' });
  });

  it('is an error after text, which is kept', () => {
    const { chunks, thrown } = decode([aText('Hi'), anError(503, 'UNAVAILABLE')]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'overloaded', retryable: true });
  });

  it('is an error after the finish reason, too', () => {
    expect(decode([aText('Hi', STOP), anError(504, 'DEADLINE_EXCEEDED')]).thrown).toMatchObject({
      kind: 'server',
    });
  });

  it('is an error in an event that has candidates as well', () => {
    const event = { ...aText('Hi', STOP), ...anError(429, 'RESOURCE_EXHAUSTED') };

    expect(decode([event]).thrown).toMatchObject({ kind: 'rate-limit' });
  });

  it.each(['nonsense', '7', 'null', '"text"'])('that is no event (%s) is malformed', (data) => {
    const { thrown } = decode([data]);

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect((thrown as Error).message).not.toContain('nonsense');
  });
});
