import assert from 'node:assert/strict';
import type { Random } from '@sluice/core';
import type { PoolOptions } from '@sluice/core/pool';
import type { VirtualClock } from '@sluice/core/testing';

/** What a soaked pool lends. */
export interface SoakItem {
  readonly id: number;
  /** Who has it; 0 for nobody. */
  owner: number;
  isDestroyed: boolean;
}

/**
 * Makes, checks and destroys what a soaked pool lends, and goes wrong in every way that a user's functions can. It
 * remembers only what is alive, so that it does not grow with what it has seen.
 */
export class SoakItems implements Pick<PoolOptions<SoakItem>, 'create' | 'destroy' | 'check'> {
  /** How many were made. */
  made = 0;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #alive = new Set<SoakItem>();

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How many were neither destroyed nor taken away. */
  get alive(): number {
    return this.#alive.size;
  }

  /** One in 20 throws, rejects, hangs for good or comes too late. */
  readonly create = (): Promise<SoakItem> => {
    const kind = this.#below(200);
    if (kind === 0) throw new Error('thrown');
    return this.#created(kind);
  };

  /** One in 100 fails in one of the ways there are. */
  readonly check = (): boolean | Promise<boolean> => {
    const kind = this.#below(400);
    if (kind === 0) throw new Error('ill');
    if (kind === 1) return Promise.reject(new Error('ill'));
    if (kind === 2) return hang();
    return kind !== 3;
  };

  /** One in 50 throws, rejects or hangs for good. The item counts as destroyed all the same. */
  readonly destroy = (item: SoakItem): void | Promise<void> => {
    assert.ok(!item.isDestroyed, 'an item is destroyed once');
    item.isDestroyed = true;
    this.#alive.delete(item);
    const kind = this.#below(200);
    if (kind === 0) throw new Error('stuck');
    if (kind === 1) return Promise.reject(new Error('stuck'));
    if (kind === 2 || kind === 3) return hang();
    return this.wait(this.#below(20));
  };

  /** Notes who owns an item. */
  hold(item: SoakItem, owner: number): void {
    assert.ok(!item.isDestroyed, 'a destroyed item is not lent');
    assert.equal(item.owner, 0, 'an item has one owner');
    item.owner = owner;
  }

  /** Notes that its owner gives an item up. */
  letGo(item: SoakItem, owner: number): void {
    assert.equal(item.owner, owner, 'an item stays with its owner');
    item.owner = 0;
  }

  /** An item goes with its owner. */
  takeAway(item: SoakItem): void {
    assert.ok(this.#alive.delete(item), 'what is taken away was alive');
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(delayMs, resolve));
  }

  async #created(kind: number): Promise<SoakItem> {
    if (kind < 6) throw new Error('refused');
    if (kind < 8) return hang();
    await this.wait(kind < 12 ? 5_000 : this.#below(200)); // 5 s is too late
    this.made += 1;
    const item = { id: this.made, owner: 0, isDestroyed: false };
    this.#alive.add(item);
    return item;
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }
}

function hang(): Promise<never> {
  return new Promise(() => {});
}
