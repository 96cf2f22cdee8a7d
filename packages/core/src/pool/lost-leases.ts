import type { Entry } from './entry.ts';
import type { Lease } from './lease.ts';

interface Held<R> {
  readonly entry: Entry<R>;
  readonly leaseId: number;
}

/**
 * Hears of leases that the garbage collector took although nobody had ended them. Registering one costs more than a
 * checkout, so a pool does it only when asked to.
 */
export class LostLeases<R> {
  readonly #registry: FinalizationRegistry<Held<R>>;

  constructor(onLost: (entry: Entry<R>) => void) {
    // A lease that ended is forgotten by its number: taking it off the registry would cost as much again.
    this.#registry = new FinalizationRegistry(({ entry, leaseId }) => {
      if (entry.leaseId === leaseId) onLost(entry);
    });
  }

  /** Watches over a lease. Nothing that the entry holds may hold the lease. */
  watch(lease: Lease<R>, entry: Entry<R>): void {
    this.#registry.register(lease, { entry, leaseId: lease.id });
  }
}
