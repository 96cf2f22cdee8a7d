import type { SlotSnapshot } from '@sluice/core/events';

/** What a slot is doing, as the small numbers that the table stores. 0 is a slot that does not exist. */
export const SLOT_STATUSES = [
  'none',
  'creating',
  'idle',
  'inUse',
  'checking',
  'destroying',
] as const;

/** What a slot is doing. */
export type SlotStatus = (typeof SLOT_STATUSES)[number];

/** The largest slot number that is believed: a wrong one must not allocate without bound. */
const MAX_SLOT = 65_535;

/** A lease as the table stores it. */
export interface SlotLease {
  readonly lease: number;
  readonly label?: string | undefined;
  readonly suspectedAt?: number | undefined;
}

/** The clients of one pool, by slot, in typed arrays. Times are epoch milliseconds. */
export class SlotTable {
  #status: Uint8Array = new Uint8Array(16);
  #since: Float64Array = new Float64Array(16);
  #lease: Float64Array = new Float64Array(16);
  #suspectedAt: Float64Array = new Float64Array(16);
  #labels: (string | undefined)[] = [];
  readonly #counts: Uint32Array = new Uint32Array(SLOT_STATUSES.length);
  #length = 0;

  /** One more than the greatest slot number that was ever used. */
  get length(): number {
    return this.#length;
  }

  /** Counts the slots in a status. */
  count(status: Exclude<SlotStatus, 'none'>): number {
    return this.#counts[SLOT_STATUSES.indexOf(status)] ?? 0;
  }

  /** Counts the slots that exist. */
  get size(): number {
    let size = 0;
    for (let i = 1; i < this.#counts.length; i += 1) size += this.#counts[i] ?? 0;
    return size;
  }

  /** What a slot is doing. */
  status(slot: number): SlotStatus {
    return SLOT_STATUSES[this.#status[slot] ?? 0] ?? 'none';
  }

  /** Since when: for a slot in use, since when it is held. */
  since(slot: number): number {
    return this.#since[slot] ?? 0;
  }

  /** Which lease holds a slot; NaN when none does. */
  lease(slot: number): number {
    return this.#lease[slot] ?? Number.NaN;
  }

  /** What the lease of a slot is for. */
  label(slot: number): string | undefined {
    return this.#labels[slot];
  }

  /** When the engine began to suspect a leak; 0 when it does not. */
  suspectedAt(slot: number): number {
    return this.#suspectedAt[slot] ?? 0;
  }

  /** Moves a slot to a status without a lease. */
  move(slot: number, status: SlotStatus, since: number): void {
    if (!this.#reach(slot)) return;
    this.#enter(slot, SLOT_STATUSES.indexOf(status));
    this.#since[slot] = since;
    this.#lease[slot] = Number.NaN;
    this.#suspectedAt[slot] = 0;
    this.#labels[slot] = undefined;
  }

  /** Gives a slot to a lease. */
  lend(slot: number, since: number, { lease, label, suspectedAt }: SlotLease): void {
    this.move(slot, 'inUse', since);
    if (slot >= this.#length) return;
    this.#lease[slot] = lease;
    this.#labels[slot] = label;
    this.#suspectedAt[slot] = suspectedAt ?? 0;
  }

  /** Notes when a leak was suspected, or with 0 that it is no longer. */
  suspect(slot: number, at: number): void {
    if (this.status(slot) === 'inUse') this.#suspectedAt[slot] = at;
  }

  /** Replaces everything by what a snapshot says. */
  load(slots: readonly SlotSnapshot[]): void {
    this.#status.fill(0);
    this.#counts.fill(0);
    this.#labels = [];
    this.#length = 0;
    for (const { slot, status, since, lease } of slots) {
      if (lease === undefined) this.move(slot, status, since);
      else this.lend(slot, lease.since, { ...lease, lease: lease.id });
    }
  }

  /** Makes an independent copy, to look at later. */
  copy(): SlotTable {
    const copy = new SlotTable();
    copy.#status = this.#status.slice();
    copy.#since = this.#since.slice();
    copy.#lease = this.#lease.slice();
    copy.#suspectedAt = this.#suspectedAt.slice();
    copy.#labels = this.#labels.slice();
    copy.#counts.set(this.#counts);
    copy.#length = this.#length;
    return copy;
  }

  #enter(slot: number, status: number): void {
    const before = this.#status[slot] ?? 0;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[status] = (this.#counts[status] ?? 0) + 1;
    this.#status[slot] = status;
  }

  #reach(slot: number): boolean {
    if (!Number.isInteger(slot) || slot < 0 || slot > MAX_SLOT) return false;
    if (slot >= this.#status.length) this.#grow(slot + 1);
    this.#length = Math.max(this.#length, slot + 1);
    return true;
  }

  #grow(needed: number): void {
    const length = 2 ** Math.ceil(Math.log2(needed));
    const status = new Uint8Array(length);
    status.set(this.#status);
    this.#status = status;
    this.#since = grown(this.#since, length);
    this.#lease = grown(this.#lease, length);
    this.#suspectedAt = grown(this.#suspectedAt, length);
  }
}

function grown(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}
