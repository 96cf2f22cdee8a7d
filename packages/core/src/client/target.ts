import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import { withoutUndefined } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { TargetSnapshot } from '../events/snapshot.ts';
import { type Backoff, backoffMs } from '../resilience/backoff.ts';
import {
  CircuitBreaker,
  type CircuitPass,
  type CircuitState,
  type ResolvedCircuitOptions,
} from '../resilience/circuit-breaker.ts';
import { classify, type ErrorClass, isTargetFault } from '../resilience/classify.ts';
import type { RateLimits } from './client.ts';
import type { ClientPoolEventDraft } from './events.ts';

/** Whether a target takes a call now, and if not, why and until when. */
export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'circuitOpen'; readonly retryAfterMs: number }
  | { readonly kind: 'cooling'; readonly retryAfterMs: number };

/** What a target is made of. */
export interface TargetOptions {
  /** The name of its provider, and of the provider's pool. */
  readonly pool: string;
  readonly model: string;
  readonly circuit: ResolvedCircuitOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: EventBus<ClientPoolEventDraft>;
  /** Hears of every change of what it admits. */
  readonly onChange: () => void;
}

/** How long a target rests that is at its limit but did not say until when. */
const COOLDOWN_BACKOFF: Backoff = { baseMs: 1_000, factor: 2, capMs: 60_000, jitter: 'full' };

/** How much the latest time to the first content weighs in the smoothed one. */
const SMOOTHING = 0.2;

const ADMITTED: Admission = { kind: 'admitted' };

/**
 * One model of one provider: its circuit, its cooldown and what is known of its limits, asked as one admission before
 * its pool is. While nothing limits it the answer costs no clock reading and no object.
 */
export class Target {
  /** `provider/model`. */
  readonly id: string;
  readonly pool: string;
  readonly model: string;

  readonly #options: TargetOptions;
  readonly #circuit: CircuitBreaker;
  /** The circuit as of its last transition, as snapshots show it. */
  #shown: TargetSnapshot['circuit'] = { state: 'closed', failures: 0, calls: 0 };
  #cooling: { readonly dueAt: number; readonly until: number; readonly reason: string } | undefined;
  #stopCooling: (() => void) | undefined;
  #stopProbing: (() => void) | undefined;
  #limitHits = 0;
  #limits: TargetSnapshot['limits'];
  #firstContentMs: number | undefined;

  constructor(options: TargetOptions) {
    this.id = `${options.pool}/${options.model}`;
    this.pool = options.pool;
    this.model = options.model;
    this.#options = options;
    this.#circuit = new CircuitBreaker(options.circuit, (state) => this.#circuitChanged(state));
  }

  /** The smoothed time to the first content, in milliseconds, once known. */
  get firstContentMs(): number | undefined {
    return this.#firstContentMs;
  }

  /** Says whether it takes a call now. Changes nothing. */
  admission(): Admission {
    if (this.#cooling === undefined && this.#circuit.state.status === 'closed') return ADMITTED;
    const nowMs = this.#options.clock.now();
    const openMs = this.#circuit.refusalMs(nowMs);
    if (openMs !== undefined) return { kind: 'circuitOpen', retryAfterMs: openMs };
    if (this.#cooling === undefined || this.#cooling.dueAt <= nowMs) return ADMITTED;
    return { kind: 'cooling', retryAfterMs: this.#cooling.dueAt - nowMs };
  }

  /** Takes a call that was admitted in this very turn. Give the pass back with `end`. */
  begin(): CircuitPass {
    return this.#circuit.begin(this.#options.clock.now());
  }

  /** Learns how a call ended. @param failure - What it failed with; `undefined` when it succeeded. */
  end(pass: CircuitPass, failure: ErrorClass | undefined, reason: string): void {
    const nowMs = this.#options.clock.now();
    if (failure === undefined) {
      this.#limitHits = 0;
      this.#circuit.end(pass, 'succeeded', nowMs);
      return;
    }
    if (failure.kind === 'retry-after') this.#restAfter(failure.retryAfterMs, reason);
    this.#circuit.end(pass, isTargetFault(failure) ? 'failed' : 'cancelled', nowMs);
  }

  /** Rests for `durationMs`: longer than it already would, never shorter. */
  cool(durationMs: number, reason: string): void {
    const { clock, bus, pool, onChange } = this.#options;
    const dueAt = clock.now() + durationMs;
    if (durationMs <= 0 || dueAt <= (this.#cooling?.dueAt ?? 0)) return;
    this.#stopCooling?.();
    const until = clock.timestamp() + durationMs;
    this.#cooling = { dueAt, until, reason };
    this.#stopCooling = clock.after(durationMs, () => this.#recover(), { unref: true });
    if (bus.isObserved) bus.emit({ type: 'target.cooling', target: this.id, pool, until, reason });
    onChange();
  }

  /** Takes the budgets that a response's headers told. They are shown; they limit nothing yet. */
  learn(limits: RateLimits): void {
    const { bus, pool } = this.#options;
    const told = withoutUndefined({
      requests: limits.requests,
      inputTokens: limits.inputTokens,
      outputTokens: limits.outputTokens,
    });
    this.#limits = { ...this.#limits, ...told };
    if (bus.isObserved) bus.emit({ type: 'target.limits', target: this.id, pool, ...told });
  }

  /** Takes one more time to the first content into the smoothed one, which it returns. In milliseconds. */
  sawFirstContent(durationMs: number): number {
    const before = this.#firstContentMs ?? durationMs;
    this.#firstContentMs = before + (durationMs - before) * SMOOTHING;
    return this.#firstContentMs;
  }

  /** Opens its circuit by hand. */
  trip(): void {
    this.#circuit.trip(this.#options.clock.now());
  }

  /** Closes its circuit by hand and ends its rest. */
  reset(): void {
    this.#circuit.reset();
    if (this.#cooling !== undefined) this.#recover();
  }

  /** Shows it as plain data. */
  snapshot(): TargetSnapshot {
    const cooling = this.#cooling;
    return withoutUndefined({
      target: this.id,
      pool: this.pool,
      circuit: this.#shown,
      cooling: cooling && { until: cooling.until, reason: cooling.reason },
      limits: this.#limits,
      firstContentMs: this.#firstContentMs,
    });
  }

  /** Stops its timers. */
  close(): void {
    this.#stopCooling?.();
    this.#stopProbing?.();
  }

  #restAfter(retryAfterMs: number | undefined, reason: string): void {
    this.#limitHits += 1;
    const { random } = this.#options;
    const waitMs = retryAfterMs ?? backoffMs(COOLDOWN_BACKOFF, this.#limitHits, { random });
    this.cool(Math.ceil(waitMs), reason); // whole milliseconds, as wall clocks show them
  }

  #recover(): void {
    const { bus, pool, onChange } = this.#options;
    this.#stopCooling?.();
    this.#stopCooling = undefined;
    this.#cooling = undefined;
    if (bus.isObserved) bus.emit({ type: 'target.recovered', target: this.id, pool });
    onChange();
  }

  #circuitChanged(state: CircuitState): void {
    const { clock, bus, pool, onChange } = this.#options;
    const { failures, calls } = state;
    this.#stopProbing?.();
    this.#stopProbing = undefined;
    let probeAt: number | undefined;
    if (state.status === 'open') {
      const waitMs = state.probeAt - clock.now();
      probeAt = clock.timestamp() + waitMs;
      this.#stopProbing = clock.after(waitMs, onChange, { unref: true });
    }
    this.#shown = withoutUndefined({ state: state.status, failures, calls, probeAt });
    if (bus.isObserved) {
      bus.emit({ type: 'target.circuit', target: this.id, pool, ...this.#shown });
    }
    onChange();
  }
}

/** What an error means for the target that it came from, and the word that a cooldown gives as its reason. */
export function verdictOf(
  error: unknown,
  signal: AbortSignal | undefined,
): { readonly failure: ErrorClass; readonly reason: string } {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return { failure: classify(error, signal), reason: typeof code === 'string' ? code : 'OTHER' };
}
