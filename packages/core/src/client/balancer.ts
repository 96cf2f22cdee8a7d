import type { Random } from '../base/random.ts';

/**
 * Which target is asked first.
 *
 * - `failover`: the one registered first, as long as it has room.
 * - `round-robin`: each in turn.
 * - `least-loaded`: the one with the fewest live leases for its weight; ties in turn.
 * - `weighted`: each as often as its weight says, spread evenly.
 * - `power-of-two`: the better of two drawn by lot, by smoothed time to the first content and live leases.
 */
export type BalancerStrategy =
  | 'failover'
  | 'round-robin'
  | 'least-loaded'
  | 'weighted'
  | 'power-of-two';

/** What a balancer knows of a target. */
export interface TargetLoad {
  readonly target: string;
  /** Its live leases, read from its pool. */
  readonly inUse: number;
  /** Its share, greater than 0. */
  readonly weight: number;
  /** The smoothed time to its first content, in milliseconds, once known. */
  readonly firstContentMs?: number | undefined;
}

/** Puts the targets that take calls into the order in which they are asked. */
export interface Balancer {
  order<T extends TargetLoad>(targets: readonly T[]): readonly T[];
}

/** Makes a balancer. What it remembers is whose turn it is; the load is read from the targets every time. */
export function createBalancer(strategy: BalancerStrategy, random: Random): Balancer {
  switch (strategy) {
    case 'failover':
      return { order: (targets) => targets };
    case 'round-robin':
      return inTurn((targets) => targets);
    case 'least-loaded':
      return inTurn((targets) => targets.toSorted((a, b) => loadOf(a) - loadOf(b)));
    case 'weighted':
      return byWeight();
    case 'power-of-two':
      return byTwoLots(random);
    default:
      throw new TypeError(`balancer is unknown: ${String(strategy satisfies never)}`);
  }
}

/** Begins one further along each time, then sorts: the sort is stable, so that ties go in turn. */
function inTurn(sort: <T extends TargetLoad>(targets: readonly T[]) => readonly T[]): Balancer {
  let turn = 0;
  return {
    order(targets) {
      if (targets.length < 2) return targets;
      turn = (turn + 1) % 1_000_000_007;
      const first = turn % targets.length;
      return sort([...targets.slice(first), ...targets.slice(0, first)]);
    },
  };
}

/**
 * Smooth weighted round robin, as nginx does it: each turn every target gains its weight, and the one that has gained
 * the most goes and loses all that was gained. No target waits for a run of others.
 */
function byWeight(): Balancer {
  let gains = new Map<string, number>();
  return {
    order(targets) {
      if (targets.length < 2) return targets;
      const gained = new Map<string, number>();
      let total = 0;
      for (const { target, weight } of targets) {
        gained.set(target, (gains.get(target) ?? 0) + weight);
        total += weight;
      }
      const gainOf = ({ target }: TargetLoad): number => gained.get(target) ?? 0;
      const order = targets.toSorted((a, b) => gainOf(b) - gainOf(a));
      const first = order[0];
      if (first !== undefined) gained.set(first.target, gainOf(first) - total);
      gains = gained; // a target that left is forgotten: it comes back without debts
      return order;
    },
  };
}

/** Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001: two lots avoid the herd that the best one draws. */
function byTwoLots(random: Random): Balancer {
  return {
    order(targets) {
      if (targets.length < 2) return targets;
      const a = Math.floor(random.next() * targets.length);
      const lot = Math.floor(random.next() * (targets.length - 1));
      const b = lot < a ? lot : lot + 1;
      const drawn = [a, b].flatMap((index) => targets.slice(index, index + 1));
      const others = targets.filter((_, index) => index !== a && index !== b);
      return [...drawn, ...others].toSorted((x, y) => {
        const isSameRound = drawn.includes(x) === drawn.includes(y);
        if (!isSameRound) return drawn.includes(x) ? -1 : 1;
        return delayOf(x) - delayOf(y);
      });
    },
  };
}

function loadOf({ inUse, weight }: TargetLoad): number {
  return inUse / weight;
}

/** How long one more call would wait for its content, roughly. A target that was never asked is worth asking. */
function delayOf({ firstContentMs = 0, inUse, weight }: TargetLoad): number {
  return (firstContentMs * (inUse + 1)) / weight;
}
