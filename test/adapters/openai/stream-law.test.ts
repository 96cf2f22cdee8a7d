import { expect, it } from 'vitest';
import { openaiDialect } from '../../../packages/adapters/src/mock/dialect/openai.ts';
import { describeReplyLaw } from '../../support/reply-law.ts';
import { piecesOf } from '../../support/scripted-answer.ts';
import { decode, decodeBytes, doneOf } from './support.ts';

describeReplyLaw({
  dialect: openaiDialect,
  decoding: { decode, decodeBytes },
  takesAnyInput: true,
});

it('scripted thinking decodes to a part that knows the name it came by', () => {
  const { message } = doneOf(decodeBytes(piecesOf(openaiDialect, { thinking: 'Hm' })));

  const extra = { openai: { field: 'reasoning_content' } };
  expect(message.content[0]).toEqual({ type: 'thinking', text: 'Hm', extra });
});
