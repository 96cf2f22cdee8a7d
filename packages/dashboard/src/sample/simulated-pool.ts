import type { SluiceEventDraft } from '@sluice/core/events';

/** How a simulated pool lives. Functions take the engine's time in milliseconds. */
export interface SimulatedPoolOptions {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly maxSize: number;
  readonly minIdle: number;
  readonly acquireTimeoutMs: number;
  /** How many clients are wanted: in use and waiting together. */
  readonly demand: (atMs: number) => number;
  /** The mean of how long a client is held. */
  readonly heldMs: number;
  /** The mean of how long a caller waits for a client that is there. */
  readonly waitMs: number;
  /** By which channels runs come, and how often. */
  readonly channels: Readonly<Record<string, number>>;
  /** How much of its budgets is used, 0 to 1. */
  readonly used?: { readonly requests: number; readonly tokens: number } | undefined;
  /** Callers that come at a time of their own, and how long they hold. */
  readonly special?: readonly SpecialCaller[] | undefined;
}

/** A caller that the story needs. */
export interface SpecialCaller {
  readonly atMs: number;
  readonly channel: string;
  readonly heldMs: number;
}

/** What a simulated pool uses of its engine. */
export interface SimulatedPoolContext {
  readonly random: () => number;
  readonly tell: (event: SluiceEventDraft) => void;
  /** The next run's number. */
  readonly run: { next: number };
}

interface Caller {
  readonly label: string;
  readonly channel: string;
  readonly heldMs: number;
  readonly since: number;
  readonly waiter: number;
}

interface Held {
  readonly slot: number;
  readonly lease: number;
  readonly since: number;
  readonly caller: Caller;
}

const LIMITS_EVERY_MS = 5_000;

/** A pool whose callers come so that demand follows a curve. Keeps the pool's rules: capacity, order, one owner a client. */
export class SimulatedPool {
  readonly #options: SimulatedPoolOptions;
  readonly #context: SimulatedPoolContext;
  readonly #idle: number[] = [];
  #held: Held[] = [];
  readonly #line: Caller[] = [];
  #size = 0;
  #lease = 0;
  #waiter = 0;
  #special = 0;

  constructor(options: SimulatedPoolOptions, context: SimulatedPoolContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Opens the pool with its kept clients. */
  open(): void {
    const { name: pool, provider, model, maxSize, minIdle, acquireTimeoutMs } = this.#options;
    const options = {
      maxSize,
      minIdle,
      acquireTimeoutMs,
      maxWaiters: 1_000,
      idleTimeoutMs: 300_000,
      maxLifetimeMs: 1_800_000,
    };
    this.#tell({ type: 'pool.opened', pool, maxSize, minIdle, provider, options });
    this.#tell({ type: 'target.added', target: `${pool}/${model}`, pool });
    for (let i = 0; i < minIdle; i += 1) this.#idle.push(this.#create());
  }

  /** Lives one step. */
  step(atMs: number): void {
    this.#giveBack(atMs);
    this.#callSpecial(atMs);
    while (this.#line.length > 0 && this.#hasRoom()) this.#serve(this.#line.shift(), atMs);
    const wanted = Math.round(this.#options.demand(atMs));
    while (this.#held.length + this.#line.length < wanted) this.#call(this.#caller(atMs), atMs);
    if (atMs % LIMITS_EVERY_MS === 0) this.#tellLimits(atMs);
  }

  #giveBack(atMs: number): void {
    const { name: pool } = this.#options;
    const over = this.#held.filter(({ since, caller }) => since + caller.heldMs <= atMs);
    if (over.length === 0) return;
    this.#held = this.#held.filter((held) => !over.includes(held));
    for (const { slot, lease, since, caller } of over) {
      this.#idle.push(slot);
      const heldMs = atMs - since;
      this.#tell(this.#finished({ slot, lease, since, caller }, atMs));
      this.#tell({ type: 'lease.released', pool, lease, slot, heldMs });
      this.#tell({
        ...messageOf(caller),
        type: 'message.replied',
        durationMs: atMs - caller.since,
      });
    }
  }

  #finished({ lease, since, caller }: Held, atMs: number): SluiceEventDraft {
    const { name: pool, model } = this.#options;
    return {
      type: 'attempt.finished',
      runId: caller.label,
      call: 1,
      attempt: 1,
      target: `${pool}/${model}`,
      pool,
      lease,
      durationMs: atMs - since,
      finishReason: 'stop',
      usage: { inputTokens: 400, outputTokens: 200 },
    };
  }

  #call(caller: Caller, atMs: number): void {
    const { name: pool, acquireTimeoutMs: timeoutMs } = this.#options;
    this.#tell({ ...messageOf(caller), type: 'message.received' });
    this.#tell({ ...messageOf(caller), type: 'message.started' });
    if (this.#line.length === 0 && this.#hasRoom()) return this.#serve(caller, atMs);
    this.#line.push(caller);
    const { waiter, label } = caller;
    const position = this.#line.length;
    const waiting = position;
    this.#tell({
      type: 'lease.waiting',
      pool,
      waiter,
      position,
      waiting,
      timeoutMs,
      label,
      priority: 0,
    });
  }

  #serve(caller: Caller | undefined, atMs: number): void {
    if (caller === undefined) return;
    const slot = this.#idle.pop() ?? this.#create();
    const lease = (this.#lease += 1);
    const { name: pool } = this.#options;
    const { label, since } = caller;
    const hasWaited = since < atMs;
    const waitMs = hasWaited ? atMs - since : this.#draw(this.#options.waitMs);
    const waiter = hasWaited ? caller.waiter : undefined;
    this.#held.push({ slot, lease, since: atMs, caller });
    this.#tell({ type: 'lease.acquired', pool, lease, slot, waiter, waitMs, label });
  }

  #callSpecial(atMs: number): void {
    const next = this.#options.special?.[this.#special];
    if (next === undefined || next.atMs > atMs || !this.#hasRoom()) return;
    this.#special += 1;
    const caller = { ...this.#caller(atMs), channel: next.channel, heldMs: next.heldMs };
    this.#tell({ ...messageOf(caller), type: 'message.received' });
    this.#serve(caller, atMs);
  }

  #caller(atMs: number): Caller {
    const label = this.#context.run.next.toString(16);
    this.#context.run.next += 1;
    this.#waiter += 1;
    const heldMs = Math.min(this.#draw(this.#options.heldMs), this.#options.heldMs * 4.2) + 200;
    // Waiters are unique in the whole engine, as they are among the pools of one client pool.
    const waiter = this.#waiter * 100 + this.#options.name.length;
    return { label, channel: this.#channel(), heldMs, since: atMs, waiter };
  }

  #channel(): string {
    const entries = Object.entries(this.#options.channels);
    let left = this.#context.random() * entries.reduce((sum, [, often]) => sum + often, 0);
    for (const [channel, often] of entries) {
      left -= often;
      if (left < 0) return channel;
    }
    return entries[0]?.[0] ?? 'nowhere';
  }

  #hasRoom(): boolean {
    return this.#idle.length > 0 || this.#size < this.#options.maxSize;
  }

  #create(): number {
    this.#size += 1;
    const slot = this.#size;
    const { name: pool } = this.#options;
    this.#tell({ type: 'client.creating', pool, slot });
    this.#tell({ type: 'client.created', pool, slot, durationMs: 80 });
    return slot;
  }

  #tellLimits(atMs: number): void {
    const { name: pool, model, used } = this.#options;
    if (used === undefined) return;
    const resetAt = Number.MAX_SAFE_INTEGER;
    const budget = (limit: number, share: number) =>
      ({ limit, remaining: Math.round(limit * (1 - share)), resetAt, source: 'headers' }) as const;
    const requests = budget(4_000, used.requests - 0.04 * Math.max(0, Math.sin(atMs / 31_831)));
    const inputTokens = budget(400_000, used.tokens);
    this.#tell({ type: 'target.limits', target: `${pool}/${model}`, pool, requests, inputTokens });
  }

  /** Draws from an exponential distribution. */
  #draw(mean: number): number {
    return -Math.log(1 - this.#context.random()) * mean;
  }

  #tell(event: SluiceEventDraft): void {
    this.#context.tell(event);
  }
}

function messageOf({ label, channel }: Caller) {
  return { channel, message: `m-${label}`, namespace: 'ab12', runId: label } as const;
}
