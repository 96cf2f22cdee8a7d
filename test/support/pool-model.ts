import type {
  DestroyReason,
  LeaseInfo,
  PoolEventDraft,
  PoolSnapshot,
  RefusalReason,
  SlotSnapshot,
  WaiterSnapshot,
} from '@sluice/core/events';
import { expect } from 'vitest';
import { aPoolSnapshot, noStats } from './snapshot.ts';

type Draft = PoolEventDraft & { readonly pool: string };
type Slot = { -readonly [K in keyof SlotSnapshot]: SlotSnapshot[K] };
type Totals = Pick<
  PoolSnapshot['stats'],
  | 'totalCreated'
  | 'totalDestroyed'
  | 'totalAcquired'
  | 'totalReleased'
  | 'totalTimedOut'
  | 'totalAborted'
  | 'totalRefused'
  | 'totalDetached'
>;

/**
 * A pool without resources, callers or time: only its state and the events that tell it. Counts are taken from the slots
 * anew each time, so that they check those that a fold keeps.
 */
export class PoolModel {
  nowMs = 0;
  readonly #pool: string;
  readonly #slots = new Map<number, Slot>();
  #waiters: WaiterSnapshot[] = [];
  #status: PoolSnapshot['status'] = 'open';
  #nextId = 0;
  readonly #totals: { -readonly [K in keyof Totals]: number } = {
    totalCreated: 0,
    totalDestroyed: 0,
    totalAcquired: 0,
    totalReleased: 0,
    totalTimedOut: 0,
    totalAborted: 0,
    totalRefused: 0,
    totalDetached: 0,
  };

  constructor(pool: string) {
    this.#pool = pool;
  }

  /** Makes one move if it is possible now, and yields an event after each change. */
  *play(move: number, pick: number): Generator<Draft> {
    const moves = [
      () => this.#create(),
      () => this.#finishCreate(pick),
      () => this.#failCreate(pick),
      () => this.#wait(pick),
      () => this.#wait(pick),
      () => this.#acquire(pick),
      () => this.#acquire(pick),
      () => this.#refuse(pick),
      () => this.#release(pick),
      () => this.#destroyLease(pick),
      () => this.#detach(pick),
      () => this.#check(pick),
      () => this.#finishCheck(pick),
      () => this.#retire(pick),
      () => this.#finishDestroy(pick),
      () => this.#turn(pick),
    ];
    yield* moves[move % moves.length]?.() ?? [];
  }

  /** The whole pool as it would show itself. */
  snapshot(): PoolSnapshot {
    const slots = [...this.#slots.values()].toSorted((a, b) => a.slot - b.slot);
    const count = (status: SlotSnapshot['status']): number =>
      slots.filter((slot) => slot.status === status).length;
    return structuredClone(
      aPoolSnapshot({
        name: this.#pool,
        status: this.#status,
        slots,
        waiters: this.#waiters,
        stats: {
          ...noStats,
          size: slots.length,
          idle: count('idle'),
          inUse: count('inUse'),
          creating: count('creating'),
          checking: count('checking'),
          destroying: count('destroying'),
          waiting: this.#waiters.length,
          ...this.#totals,
        },
      }),
    );
  }

  /** The equations of `PoolStats`. */
  checkInvariants({ stats }: PoolSnapshot): void {
    const { size, idle, inUse, creating, checking, destroying } = stats;
    expect(size).toBe(idle + inUse + creating + checking + destroying);
    expect(stats.totalCreated).toBe(stats.totalDestroyed + stats.totalDetached + size - creating);
    expect(stats.totalAcquired).toBe(stats.totalReleased + stats.totalDetached + inUse);
  }

  *#create(): Generator<Draft> {
    const slot = [1, 2, 3, 4, 5].find((number) => !this.#slots.has(number));
    if (slot === undefined) return;
    this.#slots.set(slot, { slot, status: 'creating', since: this.nowMs, uses: 0 });
    yield { type: 'client.creating', pool: this.#pool, slot };
  }

  *#finishCreate(pick: number): Generator<Draft> {
    const slot = this.#move('creating', 'idle', pick);
    if (slot === undefined) return;
    this.#totals.totalCreated += 1;
    yield { type: 'client.created', pool: this.#pool, slot: slot.slot, durationMs: 1 };
  }

  *#failCreate(pick: number): Generator<Draft> {
    const slot = this.#one('creating', pick);
    if (slot === undefined) return;
    this.#slots.delete(slot.slot);
    const error = { name: 'E', code: 'UNKNOWN', message: 'refused' };
    yield { type: 'client.createFailed', pool: this.#pool, slot: slot.slot, error };
  }

  *#wait(pick: number): Generator<Draft> {
    this.#nextId += 1;
    const waiter = { waiter: this.#nextId, since: this.nowMs, priority: pick % 3, label: 'r' };
    const index = this.#waiters.filter(({ priority }) => priority >= waiter.priority).length;
    this.#waiters = this.#waiters.toSpliced(index, 0, waiter);
    const { since: _, ...fields } = waiter;
    const [position, waiting] = [index + 1, this.#waiters.length];
    yield { type: 'lease.waiting', pool: this.#pool, ...fields, position, waiting };
  }

  *#acquire(pick: number): Generator<Draft> {
    const slot = this.#move('idle', 'inUse', pick);
    if (slot === undefined) return;
    this.#nextId += 1;
    const lease: LeaseInfo = { id: this.#nextId, slot: slot.slot, since: this.nowMs, label: 'r' };
    Object.assign(slot, { lease, uses: slot.uses + 1 });
    this.#totals.totalAcquired += 1;
    const waiter = this.#waiters.shift()?.waiter;
    const fields = { pool: this.#pool, lease: lease.id, slot: slot.slot, waitMs: 0, label: 'r' };
    yield { type: 'lease.acquired', ...fields, waiter };
  }

  *#refuse(pick: number): Generator<Draft> {
    const reasons: readonly RefusalReason[] = ['timeout', 'aborted', 'shed', 'queueFull'];
    const reason = reasons[pick % reasons.length] ?? 'shed';
    const waiter = this.#waiters[pick % 7]?.waiter;
    this.#waiters = this.#waiters.filter((other) => other.waiter !== waiter);
    if (reason === 'timeout') this.#totals.totalTimedOut += 1;
    else if (reason === 'aborted') this.#totals.totalAborted += 1;
    else this.#totals.totalRefused += 1;
    yield { type: 'lease.refused', pool: this.#pool, waiter, reason, waitMs: 1 };
  }

  *#release(pick: number): Generator<Draft> {
    const lease = this.#one('inUse', pick)?.lease;
    const slot = this.#move('inUse', 'idle', pick);
    if (slot === undefined || lease === undefined) return;
    this.#totals.totalReleased += 1;
    yield { type: 'lease.released', ...this.#ended(lease) };
  }

  *#destroyLease(pick: number): Generator<Draft> {
    const lease = this.#one('inUse', pick)?.lease;
    const slot = this.#move('inUse', 'destroying', pick);
    if (slot === undefined || lease === undefined) return;
    this.#totals.totalReleased += 1;
    const type = pick % 2 === 0 ? 'lease.destroyed' : 'lease.revoked';
    yield { type, ...this.#ended(lease) };
    yield* this.#tellDestroying(slot, 'broken');
  }

  *#detach(pick: number): Generator<Draft> {
    const slot = this.#one('inUse', pick);
    if (slot?.lease === undefined) return;
    this.#slots.delete(slot.slot);
    this.#totals.totalDetached += 1;
    yield { type: 'lease.detached', ...this.#ended(slot.lease) };
  }

  *#check(pick: number): Generator<Draft> {
    const slot = this.#move('idle', 'checking', pick);
    if (slot !== undefined) yield { type: 'client.checking', pool: this.#pool, slot: slot.slot };
  }

  *#finishCheck(pick: number): Generator<Draft> {
    const healthy = pick % 3 !== 0;
    const slot = healthy ? this.#move('checking', 'idle', pick) : this.#one('checking', pick);
    if (slot === undefined) return;
    yield { type: 'client.checked', pool: this.#pool, slot: slot.slot, healthy };
    if (healthy) return;
    this.#change(slot, 'destroying');
    yield* this.#tellDestroying(slot, 'unhealthy');
  }

  *#retire(pick: number): Generator<Draft> {
    const slot = this.#move('idle', 'destroying', pick);
    if (slot !== undefined) yield* this.#tellDestroying(slot, 'idle');
  }

  *#finishDestroy(pick: number): Generator<Draft> {
    const slot = this.#one('destroying', pick);
    if (slot === undefined) return;
    this.#slots.delete(slot.slot);
    this.#totals.totalDestroyed += 1;
    yield { type: 'client.destroyed', pool: this.#pool, slot: slot.slot };
  }

  *#turn(pick: number): Generator<Draft> {
    const turns = [
      ['pool.suspended', 'suspended'],
      ['pool.resumed', 'open'],
      ['pool.draining', 'draining'],
    ] as const;
    const [type, status] = turns[pick % turns.length] ?? turns[0];
    this.#status = status;
    yield { type, pool: this.#pool, maxSize: 10, minIdle: 0 };
  }

  *#tellDestroying(slot: Slot, reason: DestroyReason): Generator<Draft> {
    slot.reason = reason;
    yield { type: 'client.destroying', pool: this.#pool, slot: slot.slot, reason };
  }

  #ended(lease: LeaseInfo): Pick<Draft, 'pool'> & { lease: number; slot: number; heldMs: number } {
    return { pool: this.#pool, lease: lease.id, slot: lease.slot, heldMs: 1 };
  }

  #one(status: SlotSnapshot['status'], pick: number): Slot | undefined {
    const slots = [...this.#slots.values()].filter((slot) => slot.status === status);
    return slots[pick % slots.length];
  }

  #move(from: SlotSnapshot['status'], to: SlotSnapshot['status'], pick: number): Slot | undefined {
    const slot = this.#one(from, pick);
    if (slot !== undefined) this.#change(slot, to);
    return slot;
  }

  #change(slot: Slot, status: SlotSnapshot['status']): void {
    slot.status = status;
    slot.since = this.nowMs;
    delete slot.lease;
    delete slot.reason;
  }
}
