import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mentionRemover } from '../../../packages/core/src/routing/mention.ts';
import { expectLinearTime } from '../../support/linear-time.ts';
import { runs } from '../../support/tier.ts';

describe('a mention', () => {
  it.each([
    ['@atlas hi', 'hi'],
    ['@ATLAS hi', 'hi'],
    ['@atlas, hi', 'hi'],
    ['@atlas: hi', 'hi'],
    ['hey @atlas, hi', 'hey hi'],
    ['tell me @atlas.', 'tell me.'],
    ['tell me (@atlas) more', 'tell me () more'],
    ['@atlas @atlas hi', 'hi'],
    ['hi\n@atlas\nthere', 'hi\nthere'],
    ['你好@atlas你好', '你好你好'],
  ])('is found as a word of its own and taken out: %s', (text, rest) => {
    expect(mentionRemover('atlas')(text)).toBe(rest);
  });

  it.each([
    'mail me@atlas.com',
    '@atlasbot hi',
    '@atlas-bot hi',
    '@atlas_bot hi',
    '@atlas.com',
    '@@atlas',
    'medium.com/@atlas',
    'atlas hi',
    '@atlasé',
    '@atlas\u0301',
    'é@atlas',
  ])('is nothing that only looks like one: %s', (text) => {
    expect(mentionRemover('atlas')(text)).toBeUndefined();
  });

  it.each([
    ['атлас', '@Атлас привет', 'привет'],
    ['atlas', '@atlasпривет', undefined],
    ['атлас', '@атласбот привет', undefined],
    ['άτλας', '@ΆΤΛΑΣ γεια', 'γεια'],
    ['أطلس', '@أطلس مرحبا', 'مرحبا'],
    ['阿特拉斯', '@阿特拉斯 你好', '你好'],
    ['阿特拉斯', '@阿特拉斯机器人 你好', undefined],
    ['café', '@cafe\u0301 hi', 'hi'],
    ['c++', '@c++ hi', 'hi'],
    ['code bot', '@Code Bot hi', 'hi'],
  ])('works in any script: %s in %s', (name, text, rest) => {
    expect(mentionRemover(name)(text)).toBe(rest);
  });

  it('leaves a message that is nothing else as it is', () => {
    expect(mentionRemover('atlas')('@atlas')).toBe('@atlas');
  });

  it.each(['@', '@atlas ', ' @', '@atlasx', 'a@atlas', '\t'])(
    'is looked for in time that grows with the text: %j',
    (piece) => {
      const remove = mentionRemover('atlas');

      expectLinearTime((length) => remove(piece.repeat(length / piece.length)), piece);
    },
  );

  it('is found between any two spaces, and never leaves a second one', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(word, word, word, (name, before, after) => {
        const rest = mentionRemover(name)(`${before} @${name} ${after}`);

        expect(rest).toBe(`${before} ${after}`);
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});
