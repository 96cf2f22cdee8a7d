import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, CompletionCollector } from '../../../packages/core/src/message/collect.ts';
import type {
  CompletionChunk,
  CompletionRequest,
  DoneChunk,
} from '../../../packages/core/src/message/completion.ts';
import { assistantMessage, userMessage } from '../../../packages/core/src/message/message.ts';

const request: CompletionRequest = { messages: [userMessage('What is a sluice?')] };
const usage = { input: { total: 12 }, output: { total: 5 } };

describe('adding an answer up', () => {
  it('gives the whole answer once the last chunk has come', () => {
    const chunks: CompletionChunk[] = [
      { type: 'start', model: 'm1', responseId: 'r1', requestId: 'q1' },
      text('A gate'),
      text(' for water'),
      done('A gate for water'),
    ];

    const completion = collect(request, chunks);

    expect(completion).toEqual({
      model: 'm1',
      responseId: 'r1',
      requestId: 'q1',
      message: assistantMessage('A gate for water'),
      text: 'A gate for water',
      finish: { reason: 'stop' },
      usage,
      attempts: [],
    });
  });

  it('gives nothing when the last chunk is missing', () => {
    expect(collect(request, [text('A gate')])).toBeUndefined();
    expect(collect(request, [])).toBeUndefined();
  });

  it('keeps what arrived, with an estimate of what it used that says so', () => {
    const collector = collectorOf([text('A gate'), text(' for')]);

    expect(collector.completion).toBeUndefined();
    expect(collector.partial).toEqual({
      message: assistantMessage('A gate for'),
      text: 'A gate for',
      usage: { input: { total: 9 }, output: { total: 7 }, estimated: true },
    });
  });

  it('trusts what the provider told of the request, and estimates the answer when that is more', () => {
    const interim = { input: { total: 40, cacheRead: 8 }, output: { total: 1 } };

    const { usage: used } = collectorOf([{ type: 'usage', usage: interim }, text('x'.repeat(400))]);

    expect(used).toEqual({
      input: { total: 40, cacheRead: 8 },
      output: { total: 104 },
      estimated: true,
    });
  });

  it('uses the tokenizer that it was given', () => {
    const collector = new CompletionCollector(request, { tokenizer: { count: () => 100 } });

    collector.add(text('A'));

    expect(collector.usage).toMatchObject({ input: { total: 104 }, output: { total: 104 } });
  });

  it('keeps thinking, tool calls and other parts apart, in the order in which they began', () => {
    const call = { id: 't1', name: 'open', input: { gate: 1 } };
    const image = { type: 'image', source: { kind: 'url', url: 'https://x.test/' } } as const;

    const { partial } = collectorOf([
      { type: 'thinking', index: 0, delta: 'Well' },
      { type: 'text', index: 1, delta: 'Opening' },
      { type: 'tool-start', index: 2, id: 't1', name: 'open' },
      { type: 'tool-delta', index: 2, delta: '{"gate":1}' },
      { type: 'thinking', index: 0, delta: '.' },
      { type: 'tool', index: 2, call },
      { type: 'part', index: 3, part: image },
      { type: 'text', index: 4, delta: 'Done' },
    ]);

    expect(partial.message.content).toEqual([
      { type: 'thinking', text: 'Well.' },
      { type: 'text', text: 'Opening' },
      { type: 'tool-call', call },
      image,
      { type: 'text', text: 'Done' },
    ]);
    expect(partial.text).toBe('OpeningDone');
  });

  it('never shows a tool call that was cut as one that can be run', () => {
    const { partial } = collectorOf([
      { type: 'tool-start', index: 0, id: 't1', name: 'open' },
      { type: 'tool-delta', index: 0, delta: '{"ga' },
      { type: 'tool-delta', index: 0, delta: 'te":' },
    ]);

    expect(partial.message.content).toMatchObject([
      { call: { id: 't1', input: '{"gate":', inputError: CUT } },
    ]);
  });

  it('takes the last chunk at its word, and ignores what comes after it', () => {
    const collector = collectorOf([text('A'), done('A gate'), text('!')]);

    expect(collector.completion?.text).toBe('A gate');
    expect(collector.partial).toEqual({
      message: assistantMessage('A gate'),
      text: 'A gate',
      usage,
    });
  });

  it('knows whether anything of an answer has come', () => {
    const states = [
      collectorOf([]),
      collectorOf([{ type: 'start' }, { type: 'usage', usage }]),
      collectorOf([text('')]),
      collectorOf([done('')]),
    ];

    expect(states.map(({ hasContent }) => hasContent)).toEqual([false, false, true, true]);
  });

  it('gives the same text however it was cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        const { partial } = collectorOf(pieces.map(text));

        expect(partial.text).toBe(pieces.join(''));
      }),
    );
  });

  it('takes time in proportion to the number of chunks', () => {
    const collector = new CompletionCollector(request);

    for (let i = 0; i < 500_000; i += 1) collector.add(text('abc'));

    expect(collector.partial.text).toHaveLength(1_500_000); // and this test has ended
  });
});

const CUT = 'The answer ended before the input was complete';

function collectorOf(chunks: readonly CompletionChunk[]): CompletionCollector {
  const collector = new CompletionCollector(request);
  for (const chunk of chunks) collector.add(chunk);
  return collector;
}

function text(delta: string): CompletionChunk {
  return { type: 'text', index: 0, delta };
}

function done(whole: string): DoneChunk {
  const message = assistantMessage(whole);
  return { type: 'done', finish: { reason: 'stop' }, usage, message, attempts: [] };
}
