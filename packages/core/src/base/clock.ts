/** Time, injected wherever Sluice waits or measures, so that tests move it by hand. */
export interface Clock {
  /** Reads monotonic milliseconds, for durations. Never goes back, whatever happens to the wall clock. */
  now(): number;
  /** Reads epoch milliseconds, for display. */
  timestamp(): number;
  /**
   * Runs `fn` once, `delayMs` from now. Delays over 2^31 ms are waited for in pieces. Returns a function that cancels.
   *
   * @throws {TypeError} when `delayMs` is negative, NaN or infinite.
   */
  after(delayMs: number, fn: () => void, options?: AfterOptions): () => void;
}

/** How a timer is kept. */
export interface AfterOptions {
  /** Whether the timer lets a Node process end while it waits. Default false. */
  readonly unref?: boolean | undefined;
}

/** The longest delay that `setTimeout` keeps: 2^31 - 1 ms. Longer ones fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The runtime's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  timestamp: () => Date.now(),
  after(delayMs, fn, options) {
    assertDelay(delayMs);
    const unref = options?.unref === true;
    let remainingMs = delayMs;
    let handle: ReturnType<typeof setTimeout> | undefined;
    const arm = (): void => {
      const pieceMs = Math.min(remainingMs, MAX_TIMER_MS);
      remainingMs -= pieceMs;
      handle = setTimeout(remainingMs > 0 ? arm : fn, pieceMs);
      if (unref) unrefTimer(handle);
    };
    arm();
    return () => clearTimeout(handle);
  },
};

/**
 * Refuses a delay that no timer can keep.
 *
 * @throws {TypeError} that names the key, when `delayMs` is negative, NaN or infinite.
 */
export function assertDelay(delayMs: number, key: string = 'A delay'): void {
  if (!(delayMs >= 0 && delayMs < Infinity)) {
    throw new TypeError(
      `${key} must be a finite number of milliseconds, at least 0, not ${delayMs}`,
    );
  }
}

/** In Node a timer is an object that can stop holding the process; in browsers it is a number. */
function unrefTimer(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) {
    (handle as { unref(): void }).unref();
  }
}
