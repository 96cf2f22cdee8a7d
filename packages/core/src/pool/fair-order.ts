import { LineGroup } from './line.ts';
import type { Waiter } from './waiter.ts';

/** How a tenant is weighed. */
export interface TenantOptions {
  /** Its share beside the other tenants, greater than 0. Default 1. */
  readonly weight: number;
}

/**
 * In which order waiters are served. Tenants take turns, as many waiters a turn as their weight says (deficit round
 * robin), so that none can crowd the others out; within a tenant the higher priority goes first, then who came first.
 */
export class FairOrder<T, P> {
  readonly #weights: Readonly<Record<string, TenantOptions>>;
  readonly #lightest: number;
  readonly #groups = new Map<string, LineGroup<T, P>>();
  /** Those who name no tenant: kept while empty, since in most pools it is everybody. */
  readonly #nameless: LineGroup<T, P>;
  /** The tenant whose turn it is. Tenants without a waiter are not in the ring. */
  #turn: LineGroup<T, P> | undefined = undefined;
  /** How many wait. */
  size: number = 0;

  constructor(tenants: Readonly<Record<string, TenantOptions>>) {
    this.#weights = tenants;
    this.#lightest = Math.min(1, ...Object.values(tenants).map(({ weight }) => weight));
    this.#nameless = new LineGroup(undefined, 1 / this.#lightest);
  }

  /** Puts a waiter behind those of its tenant and priority. */
  add(waiter: Waiter<T, P>, tenant: string | undefined, priority: number): void {
    const group = tenant === undefined ? this.#nameless : this.#groupOf(tenant);
    if (group.size === 0) this.#joinRing(group);
    group.add(waiter, priority);
    this.size += 1;
  }

  /** Takes a waiter out. Says whether it was in. */
  remove(waiter: Waiter<T, P>): boolean {
    const { line } = waiter;
    if (line === undefined) return false;
    const { group } = line;
    group.remove(waiter, line);
    this.size -= 1;
    if (group.size === 0) this.#leaveRing(group);
    return true;
  }

  /** Whether all who wait stand in one line, in the order in which they came. */
  get isSingleLine(): boolean {
    const turn = this.#turn;
    return turn === undefined || (turn.next === turn && turn.isSingleLine);
  }

  /** Takes out the waiter whose turn it is, among those that `accepts` takes. */
  take(accepts?: (waiter: Waiter<T, P>) => boolean): Waiter<T, P> | undefined {
    const start = this.#turn;
    if (start === undefined) return undefined;
    let group = start;
    do {
      const waiter = group.first(accepts);
      if (waiter !== undefined) {
        this.#turn = group;
        this.#serve(group, waiter);
        return waiter;
      }
      group = group.next;
    } while (group !== start);
    return undefined;
  }

  /** The waiter that `take` would take, without taking it. */
  peek(accepts?: (waiter: Waiter<T, P>) => boolean): Waiter<T, P> | undefined {
    let group = this.#turn;
    for (; group !== undefined; group = group.next === this.#turn ? undefined : group.next) {
      const waiter = group.first(accepts);
      if (waiter !== undefined) return waiter;
    }
    return undefined;
  }

  /** All waiters in the order of service, as far as it is known now. */
  *inOrder(): Generator<Waiter<T, P>, void, undefined> {
    const turns = this.#turns();
    let i = 0;
    while (turns.length > 0) {
      i %= turns.length;
      const turn = turns[i] as (typeof turns)[number]; // i is below the length
      if (turn.deficit < 1) turn.deficit += turn.group.quantum;
      while (turn.left > 0 && turn.deficit >= 1) {
        const { value } = turn.waiters.next();
        if (value !== undefined) yield value;
        turn.left -= 1;
        turn.deficit -= 1;
      }
      if (turn.left > 0) i += 1;
      else turns.splice(i, 1);
    }
  }

  #serve(group: LineGroup<T, P>, waiter: Waiter<T, P>): void {
    if (group.deficit < 1) group.deficit += group.quantum;
    group.deficit -= 1;
    if (group.deficit < 1) this.#turn = group.next;
    this.remove(waiter);
  }

  #turns(): {
    readonly group: LineGroup<T, P>;
    readonly waiters: Generator<Waiter<T, P>, void, undefined>;
    left: number;
    deficit: number;
  }[] {
    const turns = [];
    let group = this.#turn;
    for (; group !== undefined; group = group.next === this.#turn ? undefined : group.next) {
      const { deficit, size: left } = group;
      turns.push({ group, waiters: group.inOrder(), left, deficit });
    }
    return turns;
  }

  #groupOf(tenant: string): LineGroup<T, P> {
    const known = this.#groups.get(tenant);
    if (known !== undefined) return known;
    const group = new LineGroup<T, P>(tenant, this.#weightOf(tenant) / this.#lightest);
    this.#groups.set(tenant, group);
    return group;
  }

  #weightOf(tenant: string): number {
    if (!Object.hasOwn(this.#weights, tenant)) return 1;
    return this.#weights[tenant]?.weight ?? 1;
  }

  /** A newcomer's first turn comes after everybody else's. */
  #joinRing(group: LineGroup<T, P>): void {
    const turn = this.#turn;
    if (turn === undefined) {
      this.#turn = group;
      return;
    }
    group.previous = turn.previous;
    group.next = turn;
    turn.previous.next = group;
    turn.previous = group;
  }

  /** Forgets a tenant that has nobody waiting, and what was left of its turn: tenants may be many over time. */
  #leaveRing(group: LineGroup<T, P>): void {
    if (group.tenant !== undefined) this.#groups.delete(group.tenant);
    if (this.#turn === group) this.#turn = group.next === group ? undefined : group.next;
    group.previous.next = group.next;
    group.next.previous = group.previous;
    group.previous = group;
    group.next = group;
    group.deficit = 0;
  }
}
