import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assistantMessage,
  type Message,
  textOf,
  userMessage,
} from '../../../packages/core/src/message/message.ts';
import { countMessage } from '../../../packages/core/src/message/tokenizer.ts';
import { fitContext } from '../../../packages/core/src/runtime/context.ts';
import { runs } from '../../support/tier.ts';

/** One token a character, and four a message. */
const tokenizer = { count: (text: string) => text.length };

describe('the context of a turn', () => {
  it('is the instructions, the whole history and the message, when there is room', () => {
    const history = [userMessage('one'), assistantMessage('two')];

    const context = fitContext(
      { instructions: 'Be brief.', history, message: userMessage('three') },
      { contextTokens: 1_000, tokenizer },
    );

    expect(context.messages.map(textOf)).toEqual(['Be brief.', 'one', 'two', 'three']);
    expect(context).toMatchObject({ tokens: 9 + 3 + 3 + 5 + 4 * 4, leftOut: 0 });
  });

  it('has no system message when there are no instructions', () => {
    const context = fitContext(
      { instructions: '', history: [], message: userMessage('hi') },
      { contextTokens: 1_000, tokenizer },
    );

    expect(context.messages.map(({ role }) => role)).toEqual(['user']);
  });

  it('leaves the oldest out, and an answer along with its question', () => {
    const history = ['1111', '2222', '3333', '4444'].map((text, index) =>
      index % 2 === 0 ? userMessage(text) : assistantMessage(text),
    );

    const context = fitContext(
      { instructions: '', history, message: userMessage('5555') },
      { contextTokens: 4 * 8, tokenizer },
    );

    expect(context.messages.map(textOf)).toEqual(['3333', '4444', '5555']);
    expect(context).toMatchObject({ tokens: 3 * 8, leftOut: 2 });
  });

  it('always holds instructions and message, also over the budget', () => {
    const context = fitContext(
      { instructions: 'Be brief.', history: [userMessage('one')], message: userMessage('two') },
      { contextTokens: 1, tokenizer },
    );

    expect(context.messages.map(textOf)).toEqual(['Be brief.', 'two']);
    expect(context.leftOut).toBe(1);
  });

  it('never exceeds the budget by history, keeps its order, and begins with a question', () => {
    const message = fc.tuple(fc.boolean(), fc.string({ maxLength: 20 })).map(aMessage);
    const budget = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), budget, (history, contextTokens) => {
        const asked = userMessage('now');

        const context = fitContext(
          { instructions: '', history, message: asked },
          { contextTokens, tokenizer },
        );

        const kept = context.messages.slice(0, -1);
        expect(kept).toEqual(history.slice(context.leftOut));
        expect(kept[0]?.role ?? 'user').toBe('user');
        expect(context.tokens <= contextTokens || kept.length === 0).toBe(true);
        expect(context.tokens).toBe(sum(context.messages));
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});

function aMessage([isQuestion, text]: readonly [boolean, string]): Message {
  return isQuestion ? userMessage(text) : assistantMessage(text);
}

function sum(messages: readonly Message[]): number {
  return messages.reduce((total, message) => total + countMessage(message, tokenizer), 0);
}
