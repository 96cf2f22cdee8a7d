import assert from 'node:assert/strict';
import type { PoolEvent } from '@sluice/core/pool';

interface Standing {
  readonly waiter: number;
  readonly tenant: string | undefined;
  /** When it would have come had it no priority. */
  readonly rank: number;
}

/**
 * The waiting line as anybody would write it: a list. Within a tenant whoever is served must rank first, and nobody may be
 * served past the line.
 */
export class PoolLineModel {
  #line: Standing[] = [];

  hear(event: PoolEvent, now: number): void {
    if (event.type === 'lease.waiting') {
      const { waiter, tenant, priority } = event;
      this.#line.push({ waiter, tenant, rank: now - priority * 1_000 });
      return;
    }
    if (event.type !== 'lease.acquired' && event.type !== 'lease.refused') return;
    if (event.type === 'lease.acquired') this.#assertTurn(event.waiter);
    if (event.waiter === undefined) return;
    const { length } = this.#line;
    this.#line = this.#line.filter(({ waiter }) => waiter !== event.waiter);
    assert.equal(this.#line.length, length - 1, 'whoever ends stood in line');
  }

  assertEmpty(): void {
    assert.deepEqual(this.#line, []);
  }

  #assertTurn(waiter: number | undefined): void {
    if (waiter === undefined) {
      assert.equal(this.#line.length, 0, 'nobody overtakes who waits');
      return;
    }
    const served = this.#line.find((standing) => standing.waiter === waiter);
    assert.ok(served, 'whoever is served stood in line');
    const earlier = this.#line.filter(
      (other) =>
        other.tenant === served.tenant &&
        (other.rank < served.rank || (other.rank === served.rank && other.waiter < waiter)),
    );
    assert.deepEqual(earlier, [], 'the first of its tenant is served first');
  }
}
