import assert from 'node:assert/strict';
import type { Lease } from '@sluice/core/pool';
import type { VirtualClock } from '@sluice/core/testing';

/** What the pools under test lend. */
export interface Item {
  readonly id: number;
}

/** How a ledger's factory behaves. */
export interface LedgerOptions {
  readonly clock: VirtualClock;
  /** How long a create takes. Default 0: it resolves in the same turn. */
  readonly createMs?: number | undefined;
  /** How long a destroy takes. Default: it is done when it returns. */
  readonly destroyMs?: number | undefined;
}

/** How one create goes, instead of working. */
export type CreateFault = { readonly kind: 'reject' | 'throw' | 'hang'; readonly error?: unknown };

/**
 * A factory that writes everything down, and fails at once on two owners of one item, on a second destroy, and on an
 * item that is lent although it was destroyed.
 */
export class PoolLedger {
  readonly created: number[] = [];
  readonly destroyed: number[] = [];
  /** How many creates were started, also those that failed. */
  creates = 0;
  creating = 0;
  mostAlive = 0;
  mostCreating = 0;
  /** Ends the creates that hang. */
  readonly hung: ((item: Item | Error) => void)[] = [];
  readonly #faults: CreateFault[] = [];
  readonly #owners = new Map<number, Lease<Item>>();
  readonly #gone = new Set<number>();
  readonly #options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  get alive(): number {
    return this.created.length - this.destroyed.length;
  }

  /** The next creates work. */
  recover(): void {
    this.#faults.length = 0;
  }

  isGone(id: number): boolean {
    return this.#gone.has(id);
  }

  /** The next creates go wrong, one for each fault. */
  fail(...faults: readonly CreateFault[]): void {
    this.#faults.push(...faults);
  }

  readonly create = ({ signal }: { readonly signal: AbortSignal }): Promise<Item> => {
    this.creates += 1;
    this.creating += 1;
    this.mostCreating = Math.max(this.mostCreating, this.creating);
    const fault = this.#faults.shift();
    if (fault?.kind === 'throw') {
      this.creating -= 1;
      throw fault.error;
    }
    return this.#created(fault, signal).finally(() => {
      this.creating -= 1;
    });
  };

  readonly destroy = async (item: Item): Promise<void> => {
    assert.ok(!this.#gone.has(item.id), `item ${item.id} is destroyed once`);
    this.#gone.add(item.id);
    this.destroyed.push(item.id);
    await this.#wait(this.#options.destroyMs);
  };

  /** Notes who owns an item. */
  hold(lease: Lease<Item>): Lease<Item> {
    const { id } = lease.resource;
    assert.ok(!this.#owners.has(id), `item ${id} has one owner`);
    assert.ok(!this.#gone.has(id), `item ${id} is not lent once it is destroyed`);
    this.#owners.set(id, lease);
    return lease;
  }

  /** Notes that the owner gave its item up, before it does. */
  letGo(lease: Lease<Item>): void {
    const { id } = lease.resource;
    assert.equal(this.#owners.get(id), lease);
    this.#owners.delete(id);
  }

  async #created(fault: CreateFault | undefined, signal: AbortSignal): Promise<Item> {
    if (fault?.kind === 'hang') return this.#hang();
    await this.#wait(this.#options.createMs);
    if (fault !== undefined) throw fault.error;
    signal.throwIfAborted();
    return this.make();
  }

  /** Makes an item, as a create does that ends late. */
  make(): Item {
    const item = { id: this.created.length + 1 };
    this.created.push(item.id);
    this.mostAlive = Math.max(this.mostAlive, this.alive);
    return item;
  }

  #hang(): Promise<Item> {
    return new Promise((resolve, reject) => {
      this.hung.push((end) => (end instanceof Error ? reject(end) : resolve(end)));
    });
  }

  #wait(delayMs: number | undefined): Promise<void> {
    if (delayMs === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#options.clock.after(delayMs, resolve);
    });
  }
}
