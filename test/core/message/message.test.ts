import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNamespace, parseNamespace } from '../../../packages/core/src/message/envelope.ts';
import {
  assistantMessage,
  systemMessage,
  textOf,
  toolMessage,
  userMessage,
} from '../../../packages/core/src/message/message.ts';
import { charEstimate, countMessage } from '../../../packages/core/src/message/tokenizer.ts';
import {
  addUsage,
  estimateInput,
  estimateUsage,
  NO_USAGE,
} from '../../../packages/core/src/message/usage.ts';

describe('a message', () => {
  it('is made by its role', () => {
    const result = { type: 'tool-result', callId: 't1', name: 'open', content: 'ok' } as const;

    expect([
      systemMessage('s'),
      userMessage('u'),
      assistantMessage('a'),
      toolMessage([result]),
    ]).toEqual([
      { role: 'system', content: 's' },
      { role: 'user', content: 'u' },
      { role: 'assistant', content: [{ type: 'text', text: 'a' }] },
      { role: 'tool', content: [result] },
    ]);
  });

  it('reads as its text parts, without thinking, images and tools', () => {
    const message = assistantMessage([
      { type: 'thinking', text: 'Well' },
      { type: 'text', text: 'A ' },
      { type: 'tool-call', call: { id: '1', name: 'n', input: {} } },
      { type: 'text', text: 'gate' },
    ]);

    expect(textOf(message)).toBe('A gate');
    expect(textOf(userMessage('plain'))).toBe('plain');
  });
});

describe('a namespace', () => {
  it('is written as segments joined by colons, with what could be mistaken escaped', () => {
    expect(formatNamespace(['discord', 'g:1', 'a/b', '%'])).toBe('discord:g%3A1:a%2Fb:%25');
  });

  it('is read as it was written, whatever its segments hold', () => {
    const segment = fc.string({ unit: 'grapheme' });

    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), (namespace) => {
        expect(parseNamespace(formatNamespace(namespace))).toEqual(namespace);
      }),
    );
  });

  it('can be written when it holds half a character, and is one other than its neighbours', () => {
    expect(formatNamespace(['a\uD800b'])).toBe('a%EF%BF%BDb');
    expect(formatNamespace(['a', 'b'])).not.toBe(formatNamespace(['a:b']));
  });

  it('cannot be read when an escape is malformed', () => {
    expect(() => parseNamespace('a:%zz')).toThrow(TypeError);
  });
});

describe('counting tokens', () => {
  it('estimates one token for four characters, rounded up', () => {
    expect(['', 'a', 'abcd', 'abcde'].map((text) => charEstimate.count(text))).toEqual([
      0, 1, 1, 2,
    ]);
  });

  it('counts what a message carries beside its text, but no images', () => {
    const message = assistantMessage([
      { type: 'text', text: 'abcd' },
      { type: 'thinking', text: 'abcd' },
      { type: 'tool-call', call: { id: '1', name: 'open', input: { a: 1 } } },
      { type: 'tool-result', callId: '1', name: 'open', content: 'abcd' },
      { type: 'image', source: { kind: 'url', url: 'https://x.test/' } },
    ]);

    expect(countMessage(message)).toBe(4 + 1 + 1 + (1 + 2) + 1);
    expect(countMessage(userMessage('abcd'))).toBe(5);
  });

  it('counts a tool call whose input is nothing', () => {
    const message = assistantMessage([
      { type: 'tool-call', call: { id: '1', name: 'open', input: undefined } },
    ]);

    expect(countMessage(message)).toBe(5);
  });

  it('estimates a request with its tools, and its answer as a text or a message', () => {
    const tool = { name: 'open', inputSchema: { type: 'object' } };
    const request = { messages: [userMessage('abcd')], tools: [tool] };
    const toolTokens = charEstimate.count(JSON.stringify(tool));

    expect(estimateInput(request)).toBe(5 + toolTokens);
    expect(estimateUsage(request, 'abcde')).toEqual({
      input: { total: 5 + toolTokens },
      output: { total: 2 },
      estimated: true,
    });
    expect(estimateUsage(request, assistantMessage('abcde')).output.total).toBe(6);
  });

  it('adds usages up, and keeps what only one of them told', () => {
    const first = { input: { total: 3, cacheRead: 2 }, output: { total: 1 } };
    const second = { input: { total: 4 }, output: { total: 5, reasoning: 2 }, estimated: true };

    const sum = addUsage(first, second);

    expect(sum).toEqual({
      input: { total: 7, cacheRead: 2 },
      output: { total: 6, reasoning: 2 },
      estimated: true,
    });
    expect(addUsage(first, NO_USAGE)).toEqual(first);
  });
});
