import type { FaultSnapshot } from '@sluice/core/events';
import type { Frame } from '../state/frame.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import { clockTime } from './format.ts';
import { gateOf } from './gate.ts';
import { limitsOf, NEAR_LIMIT } from './limits.ts';
import { messages } from './messages.ts';
import { type HeldTimes, type Holding, holdings } from './pips.ts';
import { shown } from './untrusted.ts';

/** What a finding is about, so that a click opens it. */
export interface Subject {
  readonly kind: 'pool' | 'channel';
  readonly name: string;
}

/** One thing to say about the engine. Rules are in the order in which they are said. */
export interface Finding {
  readonly rule: 'lost' | 'fault' | 'waiting' | 'failed' | 'tripped' | 'leak' | 'limit' | 'calm';
  readonly tone: 'calm' | 'press' | 'alarm' | 'hand';
  /** Tells apart findings of the same rule. */
  readonly key: string;
  readonly headline: string;
  readonly cause: string;
  readonly subject?: Subject | undefined;
}

/** What is judged. */
export interface Evidence {
  readonly frame: Frame;
  readonly groups: readonly PoolGroup[];
  /** How long clients of a pool are held. */
  readonly timesOf: (group: PoolGroup) => HeldTimes;
  readonly channelOf: (label: string | undefined) => string | undefined;
  /** When the connection was lost, when it is; both in epoch milliseconds. */
  readonly lost?: { readonly since: number; readonly now: number } | undefined;
}

/** The share of its wait limit from which a caller's waiting is pressure. */
export const PRESSING_WAIT = 0.1;
/** The share of its wait limit from which a caller's waiting is alarming. */
export const ALARMING_WAIT = 0.8;

const words = messages.verdict;

/** Finds all there is to say, the first the most important; `calm` always comes last. */
export function judge(evidence: Evidence): readonly Finding[] {
  return [
    ...lostFindings(evidence),
    ...[...evidence.frame.faults.values()].map((fault) => faultFinding(fault, evidence)),
    ...evidence.groups.flatMap((group) => waitingFinding(group, evidence)),
    ...failedFindings(evidence),
    ...evidence.groups.flatMap((group) => trippedFinding(group, evidence)),
    ...evidence.groups.flatMap((group) => leakFinding(group, evidence)),
    ...evidence.groups.flatMap((group) => limitFinding(group, evidence)),
    calmFinding(evidence),
  ];
}

function lostFindings({ lost, frame }: Evidence): readonly Finding[] {
  if (lost === undefined) return [];
  const headline = words.lost(lost.now - lost.since);
  const cause = words.lostCause(clockTime(frame.at));
  return [{ rule: 'lost', tone: 'press', key: 'lost', headline, cause }];
}

function faultFinding(fault: FaultSnapshot, { frame }: Evidence): Finding {
  const where = shown(fault.target ?? fault.pool ?? 'the engine', 80);
  return {
    rule: 'fault',
    tone: 'hand',
    key: `fault ${fault.fault}`,
    headline: words.fault(where, faultWords(fault)),
    cause: words.faultCause(fault.until - frame.at),
  };
}

function faultWords({ kind, value, every }: FaultSnapshot): string {
  const often = every === 1 ? '' : ` for one in ${every} calls`;
  if (kind === 'latency') return `answers ${(value ?? 0) / 1000} s later${often}`;
  if (kind === 'status') return `answers ${value ?? 'an error'}${often}`;
  return `${kind === 'cut' ? 'is cut off' : 'stalls'}${often}`;
}

function waitingFinding(group: PoolGroup, { frame, ...evidence }: Evidence): readonly Finding[] {
  const oldest = group.oldestWaiter;
  if (oldest === undefined) return [];
  const waitedMs = frame.at - oldest.since;
  if (waitShare(waitedMs, oldest.timeoutMs) < PRESSING_WAIT) return [];
  const name = shown(group.name, 80);
  const isFull = group.inUse >= group.capacity;
  const leak = firstLeak(group, { frame, ...evidence });
  const aside = leak === undefined ? '' : ` ${asideOf(leak, frame)}`;
  return [
    {
      rule: 'waiting',
      tone: 'press',
      key: `waiting ${group.name}`,
      headline: (isFull ? words.full : words.line)(name, group.waiting),
      cause: `${words.longest(waitedMs, oldest.timeoutMs)}${aside}`,
      subject: leak?.channel === undefined ? poolSubject(group) : channelSubject(leak.channel),
    },
  ];
}

/** Tells which share of its limit a caller has waited. Without a limit, a minute is the measure. */
export function waitShare(waitedMs: number, timeoutMs: number | undefined): number {
  return waitedMs / (timeoutMs !== undefined && timeoutMs > 0 ? timeoutMs : 60_000);
}

function failedFindings({ frame }: Evidence): readonly Finding[] {
  const failed = [...frame.channels.values()].filter(({ status }) => status === 'failed');
  return failed.map(({ name, since, lastError }) => ({
    rule: 'failed',
    tone: 'alarm',
    key: `failed ${name}`,
    headline: words.failed(shown(name, 80)),
    cause: words.failedCause(
      lastError === undefined ? undefined : shown(lastError, 200),
      frame.at - since,
    ),
    subject: channelSubject(name),
  }));
}

function trippedFinding(group: PoolGroup, { frame }: Evidence): readonly Finding[] {
  const { state, failures, calls, probeAt } = gateOf(group);
  if (state !== 'tripped') return [];
  return [
    {
      rule: 'tripped',
      tone: 'alarm',
      key: `tripped ${group.name}`,
      headline: words.tripped(shown(group.name, 80), failures, calls),
      cause: probeAt === undefined ? '' : words.probes(probeAt - frame.at),
      subject: poolSubject(group),
    },
  ];
}

function leakFinding(group: PoolGroup, evidence: Evidence): readonly Finding[] {
  const leak = firstLeak(group, evidence);
  if (leak === undefined) return [];
  return [
    {
      rule: 'leak',
      tone: 'alarm',
      key: `leak ${group.name}`,
      headline: words.leak(shown(group.name, 80), leak.heldMs),
      cause: leak.channel === undefined ? '' : `It came by ${shown(leak.channel, 80)}.`,
      subject: poolSubject(group),
    },
  ];
}

function firstLeak(group: PoolGroup, evidence: Evidence): Holding | undefined {
  const { frame, timesOf, channelOf } = evidence;
  const all = holdings(group, { frame, times: timesOf(group), channelOf });
  return all.findLast(({ kind }) => kind === 'leak');
}

function asideOf({ heldMs, channel }: Holding, frame: Frame): string {
  const held = words.leakAside(heldMs);
  if (channel === undefined) return `${held}.`;
  const hasFailed = frame.channels.get(channel)?.status === 'failed';
  return `${held} by ${shown(channel, 80)}${hasFailed ? ', which has failed' : ''}.`;
}

function limitFinding(group: PoolGroup, { frame }: Evidence): readonly Finding[] {
  const { requests, tokens } = limitsOf(group, frame.at);
  const share = Math.max(requests || 0, tokens || 0);
  if (share < NEAR_LIMIT) return [];
  const what = share === requests ? 'requests' : 'tokens';
  return [
    {
      rule: 'limit',
      tone: 'press',
      key: `limit ${group.name}`,
      headline: words.limit(shown(group.name, 80), share, what),
      cause: '',
      subject: poolSubject(group),
    },
  ];
}

function calmFinding({ frame, groups }: Evidence): Finding {
  const cause = words.calmCause(groups.length, frame.channels.size);
  return { rule: 'calm', tone: 'calm', key: 'calm', headline: words.calm(), cause };
}

function poolSubject(group: PoolGroup): Subject {
  return { kind: 'pool', name: group.name };
}

function channelSubject(name: string): Subject {
  return { kind: 'channel', name };
}
