import type { PoolTuning } from '@sluice/core/pool';
import { seededRandom } from '@sluice/core';
import type { Item } from './pool-ledger.ts';

/** One thing that a user, an operator or the world does to a pool. `pick` chooses among what there is. */
export type PoolCommand =
  | {
      readonly type: 'acquire';
      readonly timeoutMs?: number;
      readonly priority: number;
      readonly tenant?: string;
      readonly abortable: boolean;
    }
  | { readonly type: 'tryAcquire' }
  | { readonly type: 'release' | 'destroy' | 'detach' | 'revoke' | 'abort'; readonly pick: number }
  | { readonly type: 'releaseAgain'; readonly pick: number }
  | { readonly type: 'checkout' | 'unsubscribe'; readonly pick: number }
  | { readonly type: 'advance' | 'jump'; readonly ms: number }
  | { readonly type: 'failCreates'; readonly kinds: readonly ('reject' | 'throw' | 'hang')[] }
  | { readonly type: 'endHung'; readonly pick: number; readonly works: boolean }
  | { readonly type: 'sicken'; readonly pick: number }
  | { readonly type: 'resize'; readonly maxSize: number }
  | { readonly type: 'evict'; readonly spreadMs: number }
  | { readonly type: 'suspend' | 'resume' }
  | { readonly type: 'drain'; readonly deadlineMs: number; readonly waiters: 'serve' | 'reject' }
  | { readonly type: 'close'; readonly deadlineMs: number }
  | { readonly type: 'interfere'; readonly on: string; readonly how: Interference };

/** What a subscriber does from inside the next event of a type. */
export type Interference = 'acquire' | 'release' | 'resize' | 'close' | 'throw' | 'evict';

/** A pool's whole life. */
export interface PoolHistory {
  readonly tuning: PoolTuning<Item>;
  readonly hasChecks: boolean;
  readonly createMs: number;
  readonly destroyMs: number | undefined;
  readonly observers: 0 | 1;
  readonly seed: number;
  readonly commands: readonly PoolCommand[];
  /** Whether nothing is left to chance: a bus draws lots too, once it is observed. Default false. */
  readonly isSteady?: boolean | undefined;
}

const EVENT_TYPES = [
  'lease.waiting',
  'lease.acquired',
  'lease.released',
  'lease.destroyed',
  'lease.refused',
  'client.creating',
  'client.created',
  'client.createFailed',
  'client.checking',
  'client.destroying',
  'client.destroyed',
  'pool.resized',
];

const INTERFERENCES: readonly Interference[] = [
  ...(['acquire', 'release', 'resize', 'evict', 'throw'] as const),
  ...(['acquire', 'release', 'resize', 'evict', 'close'] as const),
];

/** How likely each command is, among all. Ends are rare, so that most histories are long. */
const WEIGHTS: readonly (readonly [number, (draw: Draw) => PoolCommand])[] = [
  [30, acquireCommand],
  [5, () => ({ type: 'tryAcquire' })],
  [24, (draw) => ({ type: 'release', pick: draw.below(100) })],
  [4, (draw) => ({ type: 'destroy', pick: draw.below(100) })],
  [2, (draw) => ({ type: 'detach', pick: draw.below(100) })],
  [2, (draw) => ({ type: 'revoke', pick: draw.below(100) })],
  [6, (draw) => ({ type: 'abort', pick: draw.below(100) })],
  [3, (draw) => ({ type: 'releaseAgain', pick: draw.below(100) })],
  [3, () => ({ type: 'checkout', pick: 0 })],
  [3, (draw) => ({ type: 'unsubscribe', pick: draw.below(100) })],
  [25, (draw) => ({ type: 'advance', ms: draw.among([0, 0, 1, 5, 20, 100, 1_000, 20_000]) })],
  [2, (draw) => ({ type: 'jump', ms: draw.among([50, 500, 5_000, 600_000]) })],
  [4, (draw) => ({ type: 'failCreates', kinds: [draw.among(['reject', 'throw', 'hang'])] })],
  [3, (draw) => ({ type: 'endHung', pick: draw.below(100), works: draw.below(2) === 1 })],
  [3, (draw) => ({ type: 'sicken', pick: draw.below(100) })],
  [3, (draw) => ({ type: 'resize', maxSize: 1 + draw.below(5) })],
  [2, (draw) => ({ type: 'evict', spreadMs: draw.among([0, 0, 100]) })],
  [2, () => ({ type: 'suspend' })],
  [3, () => ({ type: 'resume' })],
  [
    0.3,
    (draw) => ({
      type: 'drain',
      deadlineMs: draw.below(200),
      waiters: draw.among(['serve', 'reject']),
    }),
  ],
  [0.3, (draw) => ({ type: 'close', deadlineMs: draw.among([0, 0, 50]) })],
  [
    4,
    (draw) => ({ type: 'interfere', on: draw.among(EVENT_TYPES), how: draw.among(INTERFERENCES) }),
  ],
];

/** Draws a history. The same seed gives the same one; a greater `length` a longer one with the same beginning. */
export function drawHistory(seed: number, length: number): PoolHistory {
  const draw = new Draw(seed);
  const hasChecks = draw.below(2) === 1;
  return {
    tuning: drawTuning(draw),
    hasChecks,
    createMs: draw.among([0, 0, 3, 30]),
    destroyMs: draw.among([undefined, 0, 10]),
    observers: draw.below(4) === 0 ? 0 : 1,
    seed,
    commands: Array.from({ length }, () => drawCommand(draw)),
  };
}

/** The same life twice, unobserved and observed, by observers who only look. What is kept by sweeping is switched off. */
export function drawTwins(seed: number, length: number): readonly [PoolHistory, PoolHistory] {
  const history = drawHistory(seed, length);
  const commands = history.commands.filter(({ type }) => type !== 'interfere');
  const tuning = { ...history.tuning, idleTimeoutMs: 10 ** 9, maxLifetimeMs: 10 ** 9 };
  const twin = { ...history, tuning, commands, isSteady: true };
  return [
    { ...twin, observers: 0 },
    { ...twin, observers: 1 },
  ];
}

function drawTuning(draw: Draw): PoolTuning<Item> {
  const maxSize = 1 + draw.below(4);
  return {
    maxSize,
    minIdle: draw.among([0, 0, Math.min(1, maxSize), Math.min(2, maxSize)]),
    maxWaiters: draw.among([0, 3, 1_000]),
    acquireTimeoutMs: draw.among([50, 500, 30_000]),
    createTimeoutMs: draw.among([20, 1_000]),
    idleTimeoutMs: draw.among([200, 10_000]),
    maxLifetimeMs: draw.among([10_000, 100_000]),
    maxUses: draw.among([undefined, undefined, 1, 3]),
    checkIntervalMs: 5_000,
    checkTimeoutMs: 50,
    checkBypassMs: draw.among([0, 500]),
    createParallelism: 1 + draw.below(4),
    createFailure: draw.among(['fail', 'retry']),
    order: draw.among(['lifo', 'fifo']),
    leakThresholdMs: draw.among([undefined, 300]),
    usageDeadlineMs: draw.among([undefined, undefined, 15_000]),
    shed: draw.among([undefined, undefined, { targetMs: 20, intervalMs: 100 }]),
  };
}

function drawCommand(draw: Draw): PoolCommand {
  const total = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);
  let left = draw.next() * total;
  for (const [weight, make] of WEIGHTS) {
    left -= weight;
    if (left < 0) return make(draw);
  }
  return { type: 'advance', ms: 0 };
}

function acquireCommand(draw: Draw): PoolCommand {
  const timeoutMs = draw.among([undefined, undefined, 0, 5, 60]);
  const tenant = draw.among([undefined, undefined, undefined, 'a', 'b']);
  return {
    type: 'acquire',
    priority: draw.among([0, 0, 0, 1, -3]),
    abortable: draw.below(3) === 0,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

class Draw {
  readonly next: () => number;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.next = () => random.next();
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  among<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T; // never empty
  }
}
