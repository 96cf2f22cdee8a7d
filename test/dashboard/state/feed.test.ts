import { expect, it } from 'vitest';
import { Feed } from '../../../packages/dashboard/src/state/feed.ts';
import { aLife, anEmptyEngine, anOpening, LIFE_STARTS_AT } from '../../support/engine-life.ts';

const nothingRecorded = {
  pools: [],
  channels: [],
  demand: [],
  eventRate: [],
  notable: [],
  gaps: [],
  runChannels: [],
};
const live = { type: 'status', status: { status: 'live' } } as const;

it('tells the time of the engine, however wrong the clock of the page is', () => {
  const feed = new Feed();
  const wrongBy = 3_600_000;

  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT + wrongBy);
  feed.receive(live, LIFE_STARTS_AT + wrongBy);

  expect(feed.engineTime(LIFE_STARTS_AT + wrongBy + 500)).toBe(LIFE_STARTS_AT + 500);
});

it('says how far behind the events come', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);

  feed.receive({ type: 'events', events: aLife([anOpening('a')]) }, LIFE_STARTS_AT + 38);

  expect(feed.behindMs).toBe(38);
});

it('stands still while the connection is lost, and shows the gap when it is back', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  const lostAt = LIFE_STARTS_AT + 4_000;
  feed.receive({ type: 'status', status: { status: 'lost', since: lostAt } }, lostAt);
  expect(feed.engineTime(lostAt + 9_000)).toBe(lostAt);

  const backAt = lostAt + 10_000;
  const snapshot = anEmptyEngine({ epoch: 'e2', at: backAt });
  feed.receive({ type: 'snapshot', snapshot }, backAt);
  feed.receive(live, backAt);

  expect(feed.fold.gaps.all).toEqual([{ from: lostAt, to: backAt, lost: undefined }]);
});

it('fills what it missed from what the other side recorded meanwhile, and shows no gap then', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  const backAt = LIFE_STARTS_AT + 60_000;

  feed.receive({ type: 'gap' }, backAt);
  const history = { ...nothingRecorded, beganAt: LIFE_STARTS_AT };
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine({ at: backAt }), history }, backAt);

  expect(feed.fold.gaps.all).toEqual([]);
});

it('shows the time between two processes as a gap, though nothing of the first is kept', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  const lostAt = LIFE_STARTS_AT + 4_000;
  feed.receive({ type: 'status', status: { status: 'lost', since: lostAt } }, lostAt);
  const startedAt = lostAt + 20_000;
  const lostThere = { from: startedAt + 1_000, to: startedAt + 2_500, lost: 3 };

  const history = { ...nothingRecorded, beganAt: startedAt, gaps: [lostThere] };
  const snapshot = anEmptyEngine({ epoch: 'e2', startedAt, at: startedAt + 5_000 });
  feed.receive({ type: 'gap' }, startedAt + 5_000);
  feed.receive({ type: 'snapshot', snapshot, history }, startedAt + 5_000);

  expect(feed.fold.gaps.all).toMatchObject([{ from: lostAt, to: startedAt }, lostThere]);
});

it('shows a gap between two processes though the second was there before the loss was noticed', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  const lostAt = LIFE_STARTS_AT + 4_000;
  const startedAt = lostAt - 500;
  feed.receive({ type: 'status', status: { status: 'lost', since: lostAt } }, lostAt);

  const history = { ...nothingRecorded, beganAt: startedAt };
  const snapshot = anEmptyEngine({ epoch: 'e2', startedAt, at: lostAt + 1_000 });
  feed.receive({ type: 'gap' }, lostAt + 1_000);
  feed.receive({ type: 'snapshot', snapshot, history }, lostAt + 1_000);

  expect(feed.fold.gaps.all).toMatchObject([{ from: lostAt }]);
});

it('resumes without a gap when nothing was lost', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  const lost = { status: 'lost', since: LIFE_STARTS_AT + 1_000 } as const;
  feed.receive({ type: 'status', status: lost }, LIFE_STARTS_AT + 1_000);

  feed.receive(live, LIFE_STARTS_AT + 2_000);
  feed.receive({ type: 'events', events: aLife([anOpening('a')]) }, LIFE_STARTS_AT + 2_000);

  expect(feed.fold.gaps.all).toEqual([]);
  expect(feed.fold.pools.has('a')).toBe(true);
});

it('counts what the sender had to drop', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);

  feed.receive({ type: 'gap', lost: 40 }, LIFE_STARTS_AT);
  feed.receive({ type: 'gap', lost: 2 }, LIFE_STARTS_AT);

  expect(feed.lost).toBe(42);
});

it('looks back at a moment as it was then', () => {
  const feed = new Feed();
  feed.receive({ type: 'snapshot', snapshot: anEmptyEngine() }, LIFE_STARTS_AT);
  feed.receive(live, LIFE_STARTS_AT);
  feed.tick(LIFE_STARTS_AT + 2_000);
  const opening = { ...aLife([anOpening('a')])[0]!, at: LIFE_STARTS_AT + 3_000 };
  feed.receive({ type: 'events', events: [opening] }, LIFE_STARTS_AT + 3_000);
  feed.tick(LIFE_STARTS_AT + 5_000);

  expect(feed.frames.at(LIFE_STARTS_AT + 2_500)?.pools.size).toBe(0);
  expect(feed.frames.at(LIFE_STARTS_AT + 5_000)?.pools.size).toBe(1);
});
