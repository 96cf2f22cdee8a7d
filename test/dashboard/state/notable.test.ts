import type { SluiceEventDraft } from '@sluice/core/events';
import { expect, it } from 'vitest';
import { NotableLog } from '../../../packages/dashboard/src/state/notable.ts';
import { eventLine } from '../../../packages/dashboard/src/view/event-line.ts';
import { aLife } from '../../support/engine-life.ts';

it('does not list a wait that was none: a client was made at once', () => {
  const log = logOf([waits(7), acquires(7, 0.2)]);

  expect(typesOf(log)).toEqual(['lease.acquired']);
  expect(log.latest(Infinity, 9).map((event) => eventLine(event).text)).toEqual([
    'run a acquired client 01',
  ]);
});

it('lists a wait that took a while, and what became of it', () => {
  const log = logOf([waits(7), waits(8), acquires(7, 250)]);

  expect(typesOf(log)).toEqual(['lease.acquired', 'lease.waiting', 'lease.waiting']);
  expect(eventLine(log.latest(Infinity, 1)[0]!).text).toBe(
    'run a acquired client 01 after waiting',
  );
});

it('tells of how many everyday events one is kept', () => {
  const busy = new NotableLog();
  const life = aLife(
    Array.from({ length: 240 }, () => acquires(1, 100)),
    1_000 / 24,
  );
  for (const event of life) busy.add(event);
  const second = Math.floor(life[0]!.at / 1000);

  expect(busy.oneIn(second + 6)).toBe(8);
  expect(logOf([acquires(7, 100), acquires(8, 100)]).oneIn(second + 2)).toBe(1);
  expect(new NotableLog().oneIn(second)).toBe(1);
});

function logOf(drafts: readonly SluiceEventDraft[]): NotableLog {
  const log = new NotableLog();
  for (const event of aLife(drafts, 1_000)) log.add(event);
  return log;
}

function typesOf(log: NotableLog): readonly string[] {
  return log.latest(Infinity, 9).map(({ type }) => type);
}

function waits(waiter: number): SluiceEventDraft {
  return {
    type: 'lease.waiting',
    pool: 'p',
    waiter,
    position: 1,
    waiting: 1,
    label: 'a',
    priority: 0,
  };
}

function acquires(waiter: number, waitMs: number): SluiceEventDraft {
  return { type: 'lease.acquired', pool: 'p', lease: 1, slot: 1, waiter, waitMs, label: 'a' };
}
