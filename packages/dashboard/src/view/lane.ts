import type { PoolGroup } from '../state/pool-group.ts';
import { age } from './format.ts';
import { type Holding, holdings, type HoldingOptions } from './pips.ts';
import { shown, shownRun } from './untrusted.ts';

/** One client in use, or one caller in line, as a bar. */
export interface Lane {
  readonly key: string;
  /** The client's number, or the place in line. */
  readonly number: string;
  readonly run: string;
  readonly channel: string;
  readonly kind: 'use' | 'late' | 'leak' | 'waiting';
  /** How long the bar is, 0 to 1. */
  readonly share: number;
  readonly time: string;
  /** What a leak is suspected by; empty otherwise. */
  readonly reason: string;
}

const REASONS = {
  suspected: 'The pool suspects a leak',
  long: 'Held for far longer than others are',
  channel: 'Its channel no longer runs',
} as const;

/** The clients in use, the longest held first, on one scale to 1.3 × p99. */
export function lanesOf(group: PoolGroup, options: HoldingOptions): readonly Lane[] {
  const all = holdings(group, options);
  const p99 = options.times.p99;
  const scaleMs = Number.isFinite(p99) && p99 > 0 ? 1.3 * p99 : 39_000;
  return all.toReversed().map((holding) => laneOf(holding, scaleMs));
}

function laneOf(
  { pool, slot, heldMs, label, channel, kind, reason }: Holding,
  scaleMs: number,
): Lane {
  return {
    key: `${pool.name} ${slot}`,
    number: String(slot).padStart(2, '0'),
    run: shownRun(label),
    channel: channel === undefined ? '' : shown(channel, 80),
    kind,
    share: Math.min(1, Math.max(0.02, heldMs / scaleMs)),
    time: age(heldMs),
    reason: reason === undefined ? '' : REASONS[reason],
  };
}

/** The callers in line, the next one first, each on the scale of its own wait limit. */
export function waitersOf(
  group: PoolGroup,
  { frame, channelOf }: Pick<HoldingOptions, 'frame' | 'channelOf'>,
): readonly Lane[] {
  const waiters = group.members.flatMap(({ line }) => line.listed.slice(0, SHOWN_WAITERS));
  return waiters.slice(0, SHOWN_WAITERS).map(({ waiter, since, timeoutMs, label }, place) => {
    const waitedMs = Math.max(0, frame.at - since);
    return {
      key: String(waiter),
      number: String(place + 1),
      run: shownRun(label),
      channel: shown(channelOf(label) ?? '', 80),
      kind: 'waiting',
      share: Math.min(1, Math.max(0.02, waitedMs / (timeoutMs ?? 60_000))),
      time: age(waitedMs),
      reason: '',
    };
  });
}

const SHOWN_WAITERS = 3;
