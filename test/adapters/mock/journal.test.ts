import { expect, it } from 'vitest';
import { Journal } from '../../../packages/adapters/src/mock/journal.ts';
import { aQuestion } from '../../support/scripted-answer.ts';

it('counts what is open, was open at once, and was left', () => {
  const journal = new Journal();

  const first = journal.begin(aQuestion({ number: 1 }));
  const second = journal.begin(aQuestion({ number: 2 }));
  first.finish();
  journal.begin(aQuestion({ number: 3 }));
  second.abort();

  const { asked, open, peak, aborted } = journal;
  expect({ asked, open, peak, aborted }).toEqual({ asked: 3, open: 1, peak: 2, aborted: 1 });
  expect(journal.exchanges.map(({ status }) => status)).toEqual(['finished', 'aborted', 'open']);
});

it('ends an exchange once', () => {
  const journal = new Journal();
  const exchange = journal.begin(aQuestion({ number: 1 }));

  exchange.finish();
  exchange.abort();
  exchange.finish();

  expect([journal.open, journal.aborted]).toEqual([0, 0]);
});

it('says which stream somebody left open', () => {
  const journal = new Journal();
  journal.begin(aQuestion({ number: 1 })).finish();
  journal.begin(aQuestion({ number: 2 }));

  expect(() => journal.expectIdle()).toThrow('1 streams are still open: requests 2');
});

it('tells those who wait for it, once it is so', async () => {
  const journal = new Journal();
  const heard: string[] = [];
  const waiting = [
    journal.whenAsked(1).then(() => heard.push('asked')),
    journal.whenAborted(1).then(() => heard.push('aborted')),
  ];

  const exchange = journal.begin(aQuestion({ number: 1 }));
  const idle = journal.whenIdle().then(() => heard.push('idle'));
  exchange.abort();
  await Promise.all([...waiting, idle]);

  expect(heard).toEqual(['asked', 'aborted', 'idle']);
  journal.expectIdle();
});

it('forgets the oldest exchanges, but not how many there were', () => {
  const journal = new Journal();

  for (let number = 1; number <= 10_005; number += 1) journal.begin(aQuestion({ number })).finish();

  expect(journal.exchanges).toHaveLength(10_000);
  expect(journal.questions[0]?.number).toBe(6);
  expect(journal.asked).toBe(10_005);
});
