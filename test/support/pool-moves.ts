import type { PoolEvent } from '@sluice/core/pool';
import { drawHistory } from './pool-history.ts';
import { simulatePool } from './pool-simulation.ts';

/** Moves from one state to another and what makes them, as `from --> to: cause`. */
export interface PoolMoves {
  /** Of a resource. */
  readonly resource: ReadonlySet<string>;
  /** Of a caller, until its lease has ended. */
  readonly caller: ReadonlySet<string>;
}

/** Where a thing is before it begins and after its end. */
const NOWHERE = '[*]';

/** Lives so many histories, and notes every move that their pools tell of. */
export async function observedMoves(histories: number): Promise<PoolMoves> {
  const resource = new Set<string>();
  const caller = new Set<string>();
  for (let seed = 1; seed <= histories; seed += 1) {
    const slots = new Places(resource);
    const callers = new Places(caller);
    await simulatePool(drawHistory(seed, 60), (event) => {
      noteResource(slots, event);
      noteCaller(callers, event);
    });
  }
  return { resource, caller };
}

/** Draws moves as a diagram: one arrow for each pair of states, with everything that leads from the one to the other. */
export function diagram(moves: ReadonlySet<string>): string {
  const causes = new Map<string, string[]>();
  for (const move of [...moves].toSorted()) {
    const [arrow = '', cause = ''] = move.split(': ');
    causes.set(arrow, [...(causes.get(arrow) ?? []), cause]);
  }
  const lines = Array.from(causes, ([arrow, of]) => `  ${arrow}: ${of.join(', ')}`);
  return `stateDiagram-v2\n${lines.join('\n')}\n`;
}

/** Where each of many things is. */
class Places {
  readonly #moves: Set<string>;
  readonly #at = new Map<number, string>();

  constructor(moves: Set<string>) {
    this.#moves = moves;
  }

  move(id: number, to: string, cause: string): void {
    const from = this.#at.get(id) ?? NOWHERE;
    if (from !== to) this.#moves.add(`${from} --> ${to}: ${cause}`);
    if (to === NOWHERE) this.#at.delete(id);
    else this.#at.set(id, to);
  }

  /** A move that is the last. */
  end(id: number, to: string, cause: string): void {
    this.move(id, to, cause);
    this.#at.delete(id);
  }

  /** The same thing, known by another number from now on. */
  rename(id: number, newId: number): void {
    const at = this.#at.get(id);
    if (at !== undefined) this.#at.set(newId, at);
    this.#at.delete(id);
  }
}

function noteResource(slots: Places, event: PoolEvent): void {
  switch (event.type) {
    case 'client.creating':
      return slots.move(event.slot, 'creating', 'a place is free');
    case 'client.created':
      return slots.move(event.slot, 'idle', 'created');
    case 'client.createFailed':
      return slots.move(event.slot, NOWHERE, 'failed');
    case 'client.checking':
      return slots.move(event.slot, 'checking', 'due for a check');
    case 'client.checked':
      if (event.healthy) slots.move(event.slot, 'idle', 'healthy');
      return;
    case 'client.destroying':
      return slots.move(event.slot, 'destroying', event.reason);
    case 'client.destroyed':
      return slots.move(event.slot, NOWHERE, 'destroyed');
    case 'lease.acquired':
      return slots.move(event.slot, 'inUse', 'acquired');
    case 'lease.released':
      return slots.move(event.slot, 'idle', 'released');
    case 'lease.destroyed':
      return slots.move(event.slot, 'destroying', 'broken');
    case 'lease.revoked':
      return slots.move(event.slot, 'destroying', 'revoked');
    case 'lease.detached':
      return slots.move(event.slot, NOWHERE, 'detached');
    default:
  }
}

function noteCaller(callers: Places, event: PoolEvent): void {
  switch (event.type) {
    case 'lease.waiting':
      return callers.move(-event.waiter, 'waiting', 'nothing is free');
    case 'lease.refused':
      return callers.end(-(event.waiter ?? 0), 'refused', event.reason);
    case 'lease.acquired':
      return noteGrant(callers, event);
    case 'lease.released':
      return callers.move(event.lease, NOWHERE, 'released');
    case 'lease.destroyed':
      return callers.move(event.lease, NOWHERE, 'destroyed');
    case 'lease.revoked':
      return callers.move(event.lease, NOWHERE, 'revoked');
    case 'lease.detached':
      return callers.move(event.lease, NOWHERE, 'detached');
    case 'lease.leakSuspected':
      return callers.move(event.lease, 'suspected', 'held too long');
    default:
  }
}

/** A waiter is known by its number below 0, and by its lease's from then on. */
function noteGrant(
  callers: Places,
  { waiter, lease }: PoolEvent & { type: 'lease.acquired' },
): void {
  if (waiter !== undefined) callers.rename(-waiter, lease);
  callers.move(lease, 'holding', waiter === undefined ? 'one is idle' : 'one came free');
}
