import type { Subscription } from 'rxjs';
import type { Clock } from '../base/clock.ts';
import type { OwnershipStore } from './ownership.ts';

/** What a claim tells. */
export interface OwnershipListener {
  readonly onOwned: () => void;
  readonly onLost: () => void;
}

/** One process's claim to one channel, for as long as the channel is started. */
export class OwnershipClaim {
  readonly #listener: OwnershipListener;
  #subscription: Subscription | undefined;
  #fence: number | undefined;

  constructor(listener: OwnershipListener) {
    this.#listener = listener;
  }

  /** The number of this ownership, while it lasts. */
  get fence(): number | undefined {
    return this.#fence;
  }

  /** Begins to compete. Tells at once, again, when the channel is owned already. */
  compete(store: OwnershipStore, channel: string, clock: Clock): void {
    if (this.#subscription !== undefined) {
      if (this.#fence !== undefined) this.#listener.onOwned();
      return;
    }
    this.#subscription = store.compete(channel, { clock }).subscribe((state) => {
      const wasOwner = this.#fence !== undefined;
      this.#fence = state.role === 'owner' ? state.fence : undefined;
      if (state.role === 'owner') this.#listener.onOwned();
      else if (wasOwner) this.#listener.onLost();
    });
  }

  /** Frees the channel for others. */
  release(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#fence = undefined;
  }
}
