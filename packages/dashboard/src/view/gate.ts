import type { PoolGroup } from '../state/pool-group.ts';

/** What a pool's gate lets through. */
export type GateState = 'passing' | 'probing' | 'tripped';

/** A pool's gate: the circuits of its targets as one. */
export interface Gate {
  readonly state: GateState;
  /** How many targets are tripped, of how many. */
  readonly tripped: number;
  readonly targets: number;
  readonly failures: number;
  readonly calls: number;
  /** When the next trial is due, in epoch milliseconds. */
  readonly probeAt: number | undefined;
}

/** Reads a pool's gate. It is tripped when no target passes; while some pass, those that do not are only counted. */
export function gateOf({ targets }: PoolGroup): Gate {
  const open = targets.filter(({ circuit }) => circuit.state === 'open');
  const half = targets.filter(({ circuit }) => circuit.state === 'half-open');
  const worst = open[0] ?? half[0];
  const probes = open.map(({ circuit }) => circuit.probeAt ?? Number.NaN).filter(Number.isFinite);
  const shut = half.length > 0 ? 'probing' : 'tripped';
  const isShut = targets.length > 0 && open.length + half.length === targets.length;
  return {
    state: isShut ? shut : 'passing',
    tripped: open.length,
    targets: targets.length,
    failures: worst?.circuit.failures ?? 0,
    calls: worst?.circuit.calls ?? 0,
    probeAt: probes.length > 0 ? Math.min(...probes) : undefined,
  };
}
