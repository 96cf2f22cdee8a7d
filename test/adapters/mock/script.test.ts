import { expect, it } from 'vitest';
import { Script } from '../../../packages/adapters/src/mock/script.ts';
import { aQuestion } from '../../support/scripted-answer.ts';

const ASKED = aQuestion({ text: 'What is a sluice?' });

it('always says the same when it is one reply', () => {
  const script = new Script({ text: 'A gate' });

  const replies = [script.reply(ASKED), script.reply(ASKED)];

  expect(replies.map(({ reply }) => reply.text)).toEqual(['A gate', 'A gate']);
});

it('says the replies of a list in their order, and fails loudly after the last', () => {
  const script = new Script([{ text: 'one' }]);
  script.add({ text: 'two' });

  const replies = [script.reply(ASKED), script.reply(ASKED), script.reply(ASKED)];

  expect(replies.map(({ reply }) => reply.text)).toEqual(['one', 'two', undefined]);
  expect(replies[2]?.reply.fault).toEqual({
    kind: 'status',
    status: 500,
    message: 'The script has no reply to request 3',
  });
});

it('says a matched reply whenever it matches, and spends no other on it', () => {
  const script = new Script([
    { text: 'in order' },
    { when: ({ text }) => text.includes('sluice'), reply: ({ number }) => ({ text: `${number}` }) },
  ]);

  const texts = [
    script.reply(ASKED),
    script.reply(ASKED),
    script.reply({ ...ASKED, text: 'Hi' }),
  ].map(({ reply }) => reply.text);

  expect(texts).toEqual(['1', '2', 'in order']);
});

it('asks a function, with the number of the request', () => {
  const script = new Script(({ number, text }) => ({ text: `${number} ${text}` }));

  expect(script.reply(ASKED).reply.text).toBe('1 What is a sluice?');
});

it('lends its pace to replies that have none', () => {
  const pace = { firstTokenMs: 5 };
  const own = { firstTokenMs: 9 };
  const script = new Script([{ text: 'a' }, { text: 'b', physics: own }], { physics: pace });

  const replies = [script.reply(ASKED).reply, script.reply(ASKED).reply];

  expect(replies.map(({ physics }) => physics)).toEqual([pace, own]);
});
