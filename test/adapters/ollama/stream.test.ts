import { describe, expect, it } from 'vitest';
import { aDone, aLine, aText, decode, doneOf, textIn } from './support.ts';

describe('the text of an answer', () => {
  it('comes in pieces, and whole at the end', () => {
    const { chunks } = decode([aText('Hi'), aText(' there'), aDone()]);

    expect(chunks).toEqual([
      { type: 'start', model: 'llama-x' },
      { type: 'text', index: 0, delta: 'Hi' },
      { type: 'text', index: 0, delta: ' there' },
      {
        type: 'done',
        finish: { reason: 'stop', raw: 'stop' },
        usage: { input: { total: 9 }, output: { total: 2 } },
        message: { role: 'assistant', content: [{ type: 'text', text: 'Hi there' }] },
        attempts: [],
      },
    ]);
  });

  it('is truncated without a line that is done, with what came', () => {
    const { chunks, thrown } = decode([aText('Hi')]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'truncated', retryable: true });
  });

  it('is truncated when nothing came at all', () => {
    expect(decode([]).thrown).toMatchObject({ kind: 'truncated' });
  });

  it('keeps nothing that comes after the end', () => {
    const read = decode([aText('Hi'), aDone(), aText(' again'), aDone()]);

    expect(textIn(read.chunks)).toBe('Hi');
    expect(read.chunks.filter(({ type }) => type === 'done')).toHaveLength(1);
  });

  it('is found in a whole answer', () => {
    const read = decode([aDone({ message: { role: 'assistant', content: 'Hi' } })]);

    expect(textIn(read.chunks)).toBe('Hi');
    expect(doneOf(read).finish.reason).toBe('stop');
  });
});

describe('thinking', () => {
  it('is a part of its own, marked as the provider’s', () => {
    const read = decode([aLine({ thinking: 'Hm' }), aText('Hi'), aDone()], { provider: 'home' });

    expect(doneOf(read).message.content).toEqual([
      { type: 'thinking', text: 'Hm', extra: { home: { thinking: true } } },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('between texts keeps its place', () => {
    const read = decode([aText('a'), aLine({ thinking: 'Hm', content: 'b' }), aText('c'), aDone()]);

    expect(doneOf(read).message.content).toMatchObject([
      { type: 'text', text: 'a' },
      { type: 'thinking', text: 'Hm' },
      { type: 'text', text: 'bc' },
    ]);
  });
});

describe('a tool call', () => {
  const aCall = (more: object = {}): object =>
    aLine({ tool_calls: [{ function: { name: 'now', arguments: { zone: 'utc' } }, ...more }] });

  it('is told when it comes, and handed out at the end', () => {
    const { chunks } = decode([aCall({ id: 'call_1' }), aDone()]);

    expect(chunks.slice(1, 4)).toEqual([
      { type: 'tool-start', index: 0, id: 'call_1', name: 'now' },
      { type: 'tool-delta', index: 0, delta: '{"zone":"utc"}' },
      { type: 'tool', index: 0, call: { id: 'call_1', name: 'now', input: { zone: 'utc' } } },
    ]);
  });

  it('is what an answer ends with that says stop', () => {
    expect(doneOf(decode([aCall(), aDone()])).finish).toEqual({
      reason: 'tool-calls',
      raw: 'stop',
    });
  });

  it('has the id that some servers put beside its name', () => {
    const details = { id: 'call_7', name: 'now', arguments: {} };

    const { chunks } = decode([aLine({ tool_calls: [{ function: details }] }), aDone()]);

    expect(chunks[1]).toEqual({ type: 'tool-start', index: 0, id: 'call_7', name: 'now' });
  });

  it('without an id gets one that no other call of the conversation has', () => {
    const idsOf = (created_at: string): readonly string[] => {
      const line = { ...aCall(), created_at };
      const { chunks } = decode([line, line, aDone()]);
      return chunks.flatMap((chunk) => (chunk.type === 'tool' ? [chunk.call.id] : []));
    };

    const ids = [...idsOf('2026-01-01T00:00:00.1Z'), ...idsOf('2026-01-01T00:00:09.1Z')];

    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/);
  });

  it('that is no JSON is the model’s mistake, and keeps the text of the answer', () => {
    const call = { function: { name: 'now', arguments: '{"zone":' } };

    const read = decode([aText('So:'), aLine({ tool_calls: [call] }), aDone()]);

    expect(textIn(read.chunks)).toBe('So:');
    expect(doneOf(read).message.content[1]).toMatchObject({
      call: { input: '{"zone":', inputError: expect.any(String) as unknown },
    });
  });

  it('without a name is left out: nobody could run it', () => {
    const read = decode([aLine({ tool_calls: [{ function: {} }, 7, null] }), aDone()]);

    expect(doneOf(read).finish.reason).toBe('stop');
  });
});

describe('the end', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
    ['unload', 'other'],
    ['something new', 'other'],
  ])('with %s is %s, and told as it came', (raw, reason) => {
    expect(doneOf(decode([aDone({ done_reason: raw })])).finish).toEqual({ reason, raw });
  });

  it('without a reason, as old servers send it, is stop', () => {
    expect(doneOf(decode([aDone({ done_reason: undefined })])).finish).toEqual({ reason: 'stop' });
  });
});

describe('the usage', () => {
  const usageOf = (more: object): unknown =>
    doneOf(decode([aText('sixteen letters.'), aDone(more)], { estimateInput: () => 5 })).usage;

  it('is estimated for the prompt alone, where the server had that cached', () => {
    expect(usageOf({ prompt_eval_count: undefined })).toEqual({
      input: { total: 5 },
      output: { total: 2 },
      estimated: true,
    });
  });

  it('is estimated where none is told', () => {
    expect(usageOf({ prompt_eval_count: undefined, eval_count: undefined })).toEqual({
      input: { total: 5 },
      output: { total: 4 },
      estimated: true,
    });
  });
});

describe('an error in the stream', () => {
  it.each([
    ['model runner has unexpectedly stopped', 'server', true],
    ['prompt too long; exceeded max context length by 4 tokens', 'context-length', false],
  ])('(%s) is %s, as the first line and after text', (error, kind, retryable) => {
    expect(decode([{ error }]).thrown).toMatchObject({ kind, retryable });

    const { chunks, thrown } = decode([aText('Hi'), { error }]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind, retryable });
  });

  it.each(['nonsense', '7', 'null', '[]'])('that is no line (%s) is malformed', (data) => {
    const { thrown } = decode([data]);

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect((thrown as Error).message).not.toContain('nonsense');
  });
});
