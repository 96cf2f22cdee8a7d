/** Chance, injected wherever Sluice draws lots: jitter, balancing, ids. */
export interface Random {
  /** Draws the next number, at least 0 and less than 1. */
  next(): number;
}

/** The runtime's own chance. Not for secrets. */
export const systemRandom: Random = { next: () => Math.random() };

/**
 * Makes chance that repeats: the same seed draws the same numbers. For tests, demos and recordings.
 *
 * The generator is mulberry32 (public domain, Tommy Ettinger): 32 bits of state, period 2^32.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next(): number {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}
