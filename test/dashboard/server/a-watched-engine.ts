import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import { anEmptyEngine, LIFE_STARTS_AT } from '../../support/engine-life.ts';

/** An engine that tells only that faults were removed, whose snapshots and events agree. */
export class WatchedTestEngine {
  readonly events$ = {
    subscribe: (next: (event: SluiceEvent) => void): { unsubscribe(): void } => {
      this.#observers.add(next);
      return { unsubscribe: () => void this.#observers.delete(next) };
    },
  };
  /** Whether taking a snapshot throws. */
  isBroken = false;

  readonly #observers = new Set<(event: SluiceEvent) => void>();
  readonly #epoch: string;
  #seq = 0;

  constructor(epoch = 'e1') {
    this.#epoch = epoch;
  }

  /** How many watch it. */
  get observers(): number {
    return this.#observers.size;
  }

  snapshot(): EngineSnapshot {
    if (this.isBroken) throw new Error('no picture');
    return anEmptyEngine({ epoch: this.#epoch, seq: this.#seq });
  }

  /** Tells so many events, in each of them a label of so many characters. */
  tell(count = 1, length = 4): void {
    for (let i = 0; i < count; i += 1) {
      this.#seq += 1;
      const stamp = { epoch: this.#epoch, seq: this.#seq, at: LIFE_STARTS_AT };
      const by = 'x'.repeat(length);
      const event: SluiceEvent = { ...stamp, type: 'fault.removed', fault: 'f', kind: 'cut', by };
      for (const next of this.#observers) next(event);
    }
  }

  /** Loses so many events on the way. */
  lose(count: number): void {
    this.#seq += count;
  }
}
