import type { Frame } from '../state/frame.ts';
import { quantile, samplesIn } from '../state/histogram.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import { age, count, percent, roughDuration } from './format.ts';
import { type GateState, gateOf } from './gate.ts';
import { limitsOf, NEAR_LIMIT } from './limits.ts';
import { messages } from './messages.ts';
import type { HeldTimes } from './pips.ts';
import { shown } from './untrusted.ts';
import { ALARMING_WAIT, PRESSING_WAIT, waitShare } from './verdict.ts';

/** How much pressure there is at a gate. */
export type Pressure = 'calm' | 'press' | 'alarm';

/** One limit of a row. `share` is 0 to 1, `undefined` where there is no limit. */
export interface LimitText {
  readonly text: string;
  readonly share: number | undefined;
}

/** The stretch of time that a row shows, in epoch seconds: after `from`, up to and with `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const UNKNOWN: HeldTimes = { p95: Number.NaN, p99: Number.NaN };

/** One row of the pools: texts that are written only when they differ, and what its painters read. */
export class PoolRow {
  readonly name: string;
  /** The name as it may stand in a line. */
  readonly title: string;
  subtitle: string = $state('');
  waiting: string = $state('0');
  longest: string = $state('');
  /** How high the water stands, 0 to 1. */
  level: number = $state(0);
  pressure: Pressure = $state('calm');
  gate: GateState = $state('passing');
  inUse: string = $state('0');
  capacity: string = $state('');
  /** What stands at the right, under the clients: `▲ Full`, `4 idle`. */
  note: string = $state('');
  noteTone: 'plain' | 'press' | 'alarm' = $state('plain');
  noteMore: string = $state('');
  waitP95: string = $state('—');
  heldP95: string = $state('—');
  isWaitHot: boolean = $state(false);
  requests: LimitText = $state.raw({ text: '', share: undefined });
  tokens: LimitText = $state.raw({ text: '', share: undefined });
  waitingLabel: string = $state('');
  clientsLabel: string = $state('');
  demandLabel: string = $state('');
  /** How many clients each mark stands for. The painter, which knows its width, says it. */
  scale: number = $state(1);

  /** What the painters read. */
  group: PoolGroup;
  times: HeldTimes = UNKNOWN;
  isOnScreen = true;
  /** Moves when the texts are written for clients that have changed: the marks above them change then, and not between. */
  clientsVersion = '';

  constructor(group: PoolGroup) {
    this.name = group.name;
    this.title = shown(group.name, 200);
    this.group = group;
  }

  /** Writes what changes often. */
  sampleText(group: PoolGroup, frame: Frame, stretch: Stretch): void {
    this.group = group;
    const { waiting, inUse, capacity, idle } = group;
    const oldest = group.oldestWaiter;
    const waitedMs = oldest === undefined ? Number.NaN : frame.at - oldest.since;
    const share = oldest === undefined ? 0 : waitShare(waitedMs, oldest.timeoutMs);
    this.clientsVersion = `${group.version} ${stretch.to}`;
    this.waiting = count(waiting);
    this.longest = oldest === undefined ? '' : age(waitedMs);
    this.pressure = pressureOf(share);
    this.level = levelOf(waiting, group, stretch);
    this.inUse = count(inUse);
    this.capacity = messages.pool.inUse(capacity);
    this.waitingLabel = messages.pool.waiting(waiting, this.longest);
    this.clientsLabel = messages.pool.clients(inUse, capacity, idle);
    this.demandLabel = messages.pool.demand(inUse, waiting, capacity);
    this.#note(group, frame);
  }

  /** Writes what changes each second: percentiles and limits. */
  sampleSlow(group: PoolGroup, frame: Frame, { from, to }: Stretch): void {
    this.subtitle = subtitleOf(group);
    const waited = group.durations('waited', from, to);
    const held = group.durations('held', from, to);
    const waitP95 = samplesIn(waited) > 0 ? quantile(waited, 0.95) : Number.NaN;
    this.times = { p95: quantile(held, 0.95), p99: quantile(held, 0.99) };
    this.waitP95 = roughDuration(waitP95);
    this.heldP95 = roughDuration(this.times.p95);
    this.isWaitHot =
      waitP95 > PRESSING_WAIT * (group.members[0]?.options.acquireTimeoutMs || 30_000);
    const limits = limitsOf(group, frame.at);
    this.requests = limitText(limits.requests, this.requests);
    this.tokens = limitText(limits.tokens, this.tokens);
  }

  #note(group: PoolGroup, frame: Frame): void {
    const gate = gateOf(group);
    this.gate = gate.state;
    const { text, tone, more = '' } = noteOf(group, frame);
    this.note = text;
    this.noteTone = tone;
    this.noteMore = more;
  }
}

interface Note {
  readonly text: string;
  readonly tone: 'plain' | 'press' | 'alarm';
  readonly more?: string;
}

/** What is worth saying under the clients: trouble first. */
function noteOf(group: PoolGroup, { at }: Frame): Note {
  const gate = gateOf(group);
  const status = group.members.find((pool) => pool.status !== 'open')?.status;
  if (gate.state === 'tripped') {
    const more = gate.probeAt === undefined ? '' : messages.pool.probes(gate.probeAt - at);
    return { text: '✕ Tripped', tone: 'alarm', more };
  }
  if (gate.state === 'probing') return { text: '◐ Probing', tone: 'press' };
  if (status !== undefined) return { text: STATUS_WORDS[status], tone: 'press' };
  if (gate.tripped > 0) {
    return { text: messages.pool.someTripped(gate.tripped, gate.targets), tone: 'alarm' };
  }
  if (group.inUse >= group.capacity && group.capacity > 0) return { text: '▲ Full', tone: 'press' };
  return { text: messages.pool.idle(group.idle), tone: 'plain' };
}

const STATUS_WORDS = {
  open: '',
  suspended: '‖ Suspended',
  draining: '▽ Draining',
  closed: 'Closed',
} as const;

function pressureOf(share: number): Pressure {
  if (share >= ALARMING_WAIT) return 'alarm';
  return share >= PRESSING_WAIT ? 'press' : 'calm';
}

/** The water stands at its highest at the peak of the window, and a line of four is a line. */
function levelOf(waiting: number, group: PoolGroup, { from, to }: Stretch): number {
  if (waiting === 0) return 0;
  let peak = 0;
  for (const pool of group.members) peak += pool.series.waiting.peak(from, to);
  return Math.round((waiting / Math.max(peak, waiting, 4)) * 100) / 100;
}

function subtitleOf({ members, targets }: PoolGroup): string {
  const provider = members[0]?.provider;
  const keys = members.length > 1 ? messages.pool.keys(members.length) : undefined;
  const models =
    targets.length > 1 ? messages.pool.models(targets.length) : modelOf(targets[0]?.target);
  return [provider, keys ?? models]
    .filter((part) => part !== undefined)
    .map((part) => shown(part, 80))
    .join(' · ');
}

function modelOf(target: string | undefined): string | undefined {
  return target?.slice(target.indexOf('/') + 1);
}

function limitText(share: number, before: LimitText): LimitText {
  const isLimited = Number.isFinite(share);
  const text = isLimited ? percent(share) : 'no limit';
  if (before.text === text) return before;
  return { text, share: isLimited ? Math.round(share * 100) / 100 : undefined };
}

/** Whether a limit is near. */
export function isNear({ share }: LimitText): boolean {
  return share !== undefined && share >= NEAR_LIMIT;
}
