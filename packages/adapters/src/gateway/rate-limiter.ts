import type { Clock } from '@sluice/core';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** How fast each client may send. */
export interface RateLimiterOptions {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly burst: number;
  /** Clients remembered; beyond it the one unseen for longest starts afresh. */
  readonly maxClients: number;
}

/** How many bursts a client may owe: nobody is shut out for longer than it takes to fill so many buckets. */
const MOST_BURSTS_OWED = 10;

/** A token bucket for each client: so many messages a second, and a burst. */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  /** Takes one message of `client`'s share. Returns 0, or the milliseconds until it has one again. */
  take(client: string): number {
    const bucket = this.#filled(client);
    const waitMs = this.#waitOf(bucket);
    if (waitMs === 0) bucket.tokens -= 1;
    return waitMs;
  }

  /** Takes one share of `client`, even one that it does not have yet: what was done at once is paid for later. */
  charge(client: string): void {
    const bucket = this.#filled(client);
    bucket.tokens = Math.max(bucket.tokens - 1, -MOST_BURSTS_OWED * this.#options.burst);
  }

  /** Tells how long `client` must wait for a share, in milliseconds, and takes none. */
  wait(client: string): number {
    return this.#buckets.has(client) ? this.#waitOf(this.#filled(client)) : 0;
  }

  #waitOf({ tokens }: Bucket): number {
    return tokens < 1 ? Math.ceil(((1 - tokens) / this.#options.perSecond) * 1000) : 0;
  }

  #filled(client: string): Bucket {
    const { clock, perSecond, burst } = this.#options;
    const now = clock.now();
    const bucket = this.#bucketOf(client, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    return bucket;
  }

  /** A map keeps the order of insertion: putting a bucket back in makes the first one the least recently used. */
  #bucketOf(client: string, now: number): Bucket {
    const known = this.#buckets.get(client);
    const bucket = known ?? { tokens: this.#options.burst, filledAt: now };
    if (known !== undefined) this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (this.#buckets.size > this.#options.maxClients) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
