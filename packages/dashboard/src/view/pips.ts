import type { Frame } from '../state/frame.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import type { PoolState } from '../state/pool-state.ts';

/** How a client looks. `late` is held for longer than 99 of 100 are, `free` was not created. */
export type PipKind =
  | 'use'
  | 'late'
  | 'leak'
  | 'idle'
  | 'creating'
  | 'unhealthy'
  | 'draining'
  | 'free';

/** One client of a pool, as its mark is drawn. */
export interface Pip {
  readonly kind: PipKind;
  /** How far a client in use is filled: time held ÷ p99, from 0.16 to 1. */
  readonly fill: number;
}

/** What it takes to tell how long is long. Durations in milliseconds, NaN when too little is known. */
export interface HeldTimes {
  readonly p95: number;
  readonly p99: number;
}

const LEAST_FILL = 0.16;
/** Nothing is called a leak before a minute. */
const LEAST_LEAK_MS = 60_000;

/** One client in use, and whether it is suspicious. */
export interface Holding {
  readonly pool: PoolState;
  readonly slot: number;
  readonly heldMs: number;
  readonly label: string | undefined;
  readonly channel: string | undefined;
  readonly kind: 'use' | 'late' | 'leak';
  /** Why it may be a leak. */
  readonly reason?: 'suspected' | 'long' | 'channel' | undefined;
}

/** Lists the clients in use, the shortest held first. `channelOf` tells by which channel a run came. */
export function holdings(
  group: PoolGroup,
  { frame, times, channelOf }: HoldingOptions,
): readonly Holding[] {
  const list: Holding[] = [];
  for (const pool of group.members) {
    for (let slot = 0; slot < pool.slots.length; slot += 1) {
      if (pool.slots.status(slot) !== 'inUse') continue;
      const heldMs = Math.max(0, frame.at - pool.slots.since(slot));
      const label = pool.slots.label(slot);
      const channel = channelOf(label);
      const reason = leakReason({ pool, slot, heldMs, channel, frame, times });
      const calm = heldMs > times.p99 ? 'late' : 'use';
      const kind = reason === undefined ? calm : 'leak';
      list.push({ pool, slot, heldMs, label, channel, kind, reason });
    }
  }
  return list.toSorted((a, b) => a.heldMs - b.heldMs);
}

/** What holdings are judged by. */
export interface HoldingOptions {
  readonly frame: Frame;
  readonly times: HeldTimes;
  readonly channelOf: (label: string | undefined) => string | undefined;
}

/** The marks of a pool: in use with the longest held on the right, then what is ready, then what was not created. */
export function pipsOf(group: PoolGroup, options: HoldingOptions): readonly Pip[] {
  const pips: Pip[] = holdings(group, options).map(({ kind, heldMs }) => ({
    kind,
    fill: kind === 'use' ? fillOf(heldMs, options.times.p99) : 1,
  }));
  for (const [status, kind] of OTHER_STATUSES) {
    for (const pool of group.members) {
      for (let i = pool.slots.count(status); i > 0; i -= 1) pips.push({ kind, fill: 0 });
    }
  }
  while (pips.length < group.capacity && pips.length < 4_096) pips.push({ kind: 'free', fill: 0 });
  return pips;
}

/** Lets each mark stand for `each` clients, looking like the worst of them. */
export function mergePips(pips: readonly Pip[], each: number): readonly Pip[] {
  if (each <= 1) return pips;
  const merged: Pip[] = [];
  for (let i = 0; i < pips.length; i += each) {
    const members = pips.slice(i, i + each);
    const worst = members.reduce((a, b) => (severity(b) > severity(a) ? b : a));
    merged.push(worst);
  }
  return merged;
}

const OTHER_STATUSES = [
  ['checking', 'idle'],
  ['idle', 'idle'],
  ['destroying', 'draining'],
  ['creating', 'creating'],
] as const;

const SEVERITY: readonly PipKind[] = [
  'free',
  'idle',
  'creating',
  'draining',
  'use',
  'late',
  'unhealthy',
  'leak',
];

function severity(pip: Pip): number {
  return SEVERITY.indexOf(pip.kind) + pip.fill / 2;
}

function fillOf(heldMs: number, p99: number): number {
  const scale = Number.isFinite(p99) && p99 > 0 ? p99 : 30_000;
  return Math.min(1, Math.max(LEAST_FILL, heldMs / scale));
}

interface LeakQuestion {
  readonly pool: PoolState;
  readonly slot: number;
  readonly heldMs: number;
  readonly channel: string | undefined;
  readonly frame: Frame;
  readonly times: HeldTimes;
}

function leakReason({
  pool,
  slot,
  heldMs,
  channel,
  frame,
  times,
}: LeakQuestion): Holding['reason'] {
  if (pool.slots.suspectedAt(slot) > 0) return 'suspected';
  const status = channel === undefined ? undefined : frame.channels.get(channel)?.status;
  if (status === 'failed' || status === 'stopped') return 'channel';
  const limitMs = Math.max(LEAST_LEAK_MS, 10 * (Number.isFinite(times.p95) ? times.p95 : 0));
  return heldMs > limitMs ? 'long' : undefined;
}
