import type { SluiceEventDraft } from '@sluice/core/events';
import { expect, it } from 'vitest';
import { Fold } from '../../../packages/dashboard/src/state/fold.ts';
import { groupPools } from '../../../packages/dashboard/src/state/pool-group.ts';
import { type Finding, judge } from '../../../packages/dashboard/src/view/verdict.ts';
import { VerdictKeeper } from '../../../packages/dashboard/src/view/verdict-keeper.ts';
import { aLife, anEmptyEngine, anOpening, LIFE_STARTS_AT } from '../../support/engine-life.ts';

it('says that everything flows when nothing is wrong', () => {
  const [first] = judgeAfter([anOpening('openai')], 1_000);

  expect(first).toMatchObject({ rule: 'calm', headline: 'Everything is flowing' });
});

it('says who waits once a caller has waited a tenth of its limit, and not before', () => {
  const life = [anOpening('anthropic', 1), ...aLease('anthropic'), aWait('anthropic')];

  expect(judgeAfter(life, 2_000)[0]?.rule).toBe('calm');
  expect(judgeAfter(life, 4_000)[0]?.headline).toBe('anthropic is full and 1 caller is waiting');
});

it('puts people first: a line before a failed channel, a failed channel before a tripped gate', () => {
  const life: readonly SluiceEventDraft[] = [
    anOpening('a', 1),
    { type: 'target.circuit', target: 'b/m', pool: 'a', state: 'open', failures: 6, calls: 10 },
    { type: 'channel.added', channel: 'crm', kind: 'webhook', metadata: {} },
    aTransition('crm', 'failed'),
    ...aLease('a'),
    aWait('a'),
  ];

  const rules = judgeAfter(life, 5_000).map(({ rule }) => rule);

  expect(rules).toEqual(['waiting', 'failed', 'tripped', 'calm']);
});

it('says that the connection is lost before all else', () => {
  const fold = foldOf([anOpening('a')]);

  const [first] = judge({
    ...evidence(fold),
    lost: { since: LIFE_STARTS_AT, now: LIFE_STARTS_AT + 12_000 },
  });

  expect(first?.headline.replace('\u00A0', ' ')).toBe('Connection lost 12 s ago');
});

it('suspects a leak when a client is held by a run of a channel that has failed', () => {
  const life: readonly SluiceEventDraft[] = [
    anOpening('a', 2),
    { type: 'channel.added', channel: 'crm', kind: 'webhook', metadata: {} },
    { type: 'message.received', channel: 'crm', message: 'm', namespace: 'n', runId: 'r1' },
    ...aLease('a', 'r1'),
    aTransition('crm', 'failed'),
  ];

  const rules = judgeAfter(life, 1_000).map(({ rule }) => rule);

  expect(rules).toEqual(['failed', 'leak', 'calm']);
});

it('names a limit from nine tenths on, and forgets it when it is reset', () => {
  const resetAt = LIFE_STARTS_AT + 10_000;
  const requests = { limit: 100, remaining: 8, resetAt, source: 'headers' } as const;
  const life = [
    anOpening('a'),
    { type: 'target.limits', target: 'a/m', pool: 'a', requests } as const,
  ];

  expect(judgeAfter(life, 5_000)[0]?.headline).toBe('a is at 92% of its requests a minute');
  expect(judgeAfter(life, 10_000)[0]?.rule).toBe('calm');
});

it('shows a fault that a person added while it lasts', () => {
  const fault = { fault: 'f', kind: 'latency', pool: 'a', every: 1, value: 2_000 } as const;
  const until = LIFE_STARTS_AT + 60_000;
  const added = [anOpening('a'), { type: 'fault.added', ...fault, until, by: 'ann' } as const];
  const removed = { type: 'fault.removed', fault: 'f', kind: 'latency', by: 'expired' } as const;

  expect(judgeAfter(added, 1_000)[0]).toMatchObject({
    rule: 'fault',
    headline: 'You added a fault: a answers 2 s later (hand)',
  });
  expect(judgeAfter([...added, removed], 1_000)[0]?.rule).toBe('calm');
});

it('does not say what flares up for a moment, and keeps what pauses for a moment', () => {
  const keeper = new VerdictKeeper();
  const calm = finding('calm');
  const waiting = finding('waiting');
  const said = (findings: readonly Finding[], at: number) => keeper.keep(findings, at)[0]?.rule;

  expect(said([calm], 0)).toBe('calm');
  expect(said([waiting, calm], 1_000)).toBe('calm');
  expect(said([waiting, calm], 3_000)).toBe('waiting');
  expect(said([calm], 4_000)).toBe('waiting');
  expect(said([calm], 7_900)).toBe('waiting');
  expect(said([calm], 8_000)).toBe('calm');
});

it('says at once what holds when one begins to look', () => {
  const keeper = new VerdictKeeper();

  expect(keeper.keep([finding('waiting'), finding('calm')], 0)[0]?.rule).toBe('waiting');
});

function judgeAfter(life: readonly SluiceEventDraft[], elapsedMs: number): readonly Finding[] {
  const fold = foldOf(life);
  fold.tick(LIFE_STARTS_AT + elapsedMs);
  return judge(evidence(fold));
}

function foldOf(life: readonly SluiceEventDraft[]): Fold {
  const fold = new Fold();
  fold.reset(anEmptyEngine());
  for (const event of aLife(life, 10)) fold.add(event);
  return fold;
}

function evidence(fold: Fold) {
  return {
    frame: fold,
    groups: groupPools(fold),
    timesOf: () => ({ p95: Number.NaN, p99: Number.NaN }),
    channelOf: (label: string | undefined) => fold.runChannels.of(label),
  };
}

function aLease(pool: string, label = 'r0'): readonly SluiceEventDraft[] {
  return [
    { type: 'client.creating', pool, slot: 1 },
    { type: 'client.created', pool, slot: 1 },
    { type: 'lease.acquired', pool, lease: 1, slot: 1, waitMs: 1, label },
  ];
}

function aWait(pool: string): SluiceEventDraft {
  const place = { waiter: 1, position: 1, waiting: 1 };
  return { type: 'lease.waiting', pool, ...place, timeoutMs: 30_000, priority: 0 };
}

function aTransition(channel: string, to: 'failed'): SluiceEventDraft {
  const how = { cause: 'gave up', generation: 1, attempt: 0, by: 'supervisor' } as const;
  return { type: 'channel.transition', channel, from: 'connecting', to, ...how };
}

function finding(rule: Finding['rule']): Finding {
  return { rule, tone: 'calm', key: rule, headline: rule, cause: '' };
}
