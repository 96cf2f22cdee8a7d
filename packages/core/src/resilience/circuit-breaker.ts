import { invariant } from '../base/assert.ts';
import { type OutcomeCounts, OutcomeWindow } from './outcome-window.ts';

/** When a circuit opens, and for how long. */
export interface CircuitOptions {
  /** The share of failures among the calls of the window that opens it. Default 0.5. */
  readonly failureRatio?: number | undefined;
  /** How many calls the window must hold before the share counts. Default 5. */
  readonly minCalls?: number | undefined;
  /** How far back calls count, in milliseconds. Default 10,000. */
  readonly windowMs?: number | undefined;
  /** How long it stays open at first, in milliseconds. Doubles with every trial that fails. Default 10,000. */
  readonly openMs?: number | undefined;
  /** The longest it stays open, in milliseconds. Default 60,000. */
  readonly maxOpenMs?: number | undefined;
}

/** Circuit options with every field filled. */
export type ResolvedCircuitOptions = { readonly [K in keyof CircuitOptions]-?: number };

/** The defaults of a circuit. */
export const DEFAULT_CIRCUIT: ResolvedCircuitOptions = {
  failureRatio: 0.5,
  minCalls: 5,
  windowMs: 10_000,
  openMs: 10_000,
  maxOpenMs: 60_000,
};

/** What a circuit lets through: everything, nothing until `probeAt`, or the one trial that is under way. */
export type CircuitState = OutcomeCounts &
  (
    | { readonly status: 'closed' }
    /** `probeAt` is in monotonic milliseconds. */
    | { readonly status: 'open'; readonly openMs: number; readonly probeAt: number }
    | { readonly status: 'half-open'; readonly openMs: number }
  );

/** The leave to make one call. Give it back once, with how the call ended. */
export interface CircuitPass {
  /** In which period it was given: what ends in a later one says nothing of that one. */
  readonly period: number;
}

/** How a call ended. `cancelled` says nothing: the caller left, or the target was not at fault. */
export type CircuitOutcome = 'succeeded' | 'failed' | 'cancelled';

/**
 * Stops asking what keeps failing. Closed, it counts; when too many calls of the window failed it opens and lets nothing
 * through; after `openMs` it lets one trial through, and closes or opens again by how that ends.
 *
 * It owns no timer: time is told by the caller, in monotonic milliseconds.
 */
export class CircuitBreaker {
  readonly #options: ResolvedCircuitOptions;
  readonly #window: OutcomeWindow;
  readonly #onChange: (state: CircuitState) => void;
  #state: CircuitState = { status: 'closed', calls: 0, failures: 0 };
  #period = 0;

  /** `onChange` hears of every transition, after it is made. */
  constructor(options: ResolvedCircuitOptions, onChange: (state: CircuitState) => void) {
    this.#options = options;
    this.#window = new OutcomeWindow(options.windowMs);
    this.#onChange = onChange;
  }

  /** The state, with the counts that it was entered with. */
  get state(): CircuitState {
    return this.#state;
  }

  /** How long until it lets a call through, in milliseconds; `undefined` when it does now. Changes nothing. */
  refusalMs(nowMs: number): number | undefined {
    const state = this.#state;
    if (state.status === 'closed') return undefined;
    if (state.status === 'half-open') return state.openMs; // if the trial fails, it is longer
    return state.probeAt > nowMs ? state.probeAt - nowMs : undefined;
  }

  /** Takes the leave to make one call. Ask `refusalMs` first, in the same turn. Opens the trial when one is due. */
  begin(nowMs: number): CircuitPass {
    invariant(this.refusalMs(nowMs) === undefined, 'a call began that its circuit refuses');
    const state = this.#state;
    if (state.status === 'open') this.#enter({ ...state, status: 'half-open' });
    return { period: this.#period };
  }

  /** Takes a leave back. What began before the last transition is left out: it tells of the time before. */
  end(pass: CircuitPass, outcome: CircuitOutcome, nowMs: number): void {
    if (pass.period !== this.#period) return;
    const state = this.#state;
    if (state.status === 'half-open') this.#endTrial(state.openMs, outcome, nowMs);
    else if (outcome !== 'cancelled') this.#count(outcome === 'failed', nowMs);
  }

  /** Opens it by hand. */
  trip(nowMs: number): void {
    this.#open(this.#options.openMs, nowMs);
  }

  /** Closes it by hand, and forgets what it counted. */
  reset(): void {
    this.#close();
  }

  #count(isFailure: boolean, nowMs: number): void {
    this.#window.add(isFailure, nowMs);
    if (!isFailure) return; // a success cannot raise the share of failures
    const { calls, failures } = this.#window.counts(nowMs);
    if (calls < this.#options.minCalls) return;
    if (failures / calls >= this.#options.failureRatio) this.#open(this.#options.openMs, nowMs);
  }

  #endTrial(openMs: number, outcome: CircuitOutcome, nowMs: number): void {
    if (outcome === 'succeeded') this.#close();
    else if (outcome === 'failed') {
      this.#open(Math.min(openMs * 2, this.#options.maxOpenMs), nowMs);
    } else {
      // The trial told nothing: the next call may be it, at once.
      const { calls, failures } = this.#state;
      this.#enter({ status: 'open', openMs, probeAt: nowMs, calls, failures });
    }
  }

  #open(openMs: number, nowMs: number): void {
    const counts =
      this.#state.status === 'closed' ? this.#window.counts(nowMs) : countsOf(this.#state);
    this.#enter({ status: 'open', openMs, probeAt: nowMs + openMs, ...counts });
  }

  #close(): void {
    this.#window.clear();
    this.#enter({ status: 'closed', calls: 0, failures: 0 });
  }

  #enter(state: CircuitState): void {
    this.#state = state;
    this.#period += 1;
    this.#onChange(state);
  }
}

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} naming the key, when a value is out of bounds.
 */
export function resolveCircuitOptions(options: CircuitOptions = {}): ResolvedCircuitOptions {
  const resolved = {
    failureRatio: options.failureRatio ?? DEFAULT_CIRCUIT.failureRatio,
    minCalls: options.minCalls ?? DEFAULT_CIRCUIT.minCalls,
    windowMs: options.windowMs ?? DEFAULT_CIRCUIT.windowMs,
    openMs: options.openMs ?? DEFAULT_CIRCUIT.openMs,
    maxOpenMs: options.maxOpenMs ?? DEFAULT_CIRCUIT.maxOpenMs,
  };
  check('failureRatio', resolved.failureRatio, resolved.failureRatio <= 1);
  check('minCalls', resolved.minCalls, Number.isInteger(resolved.minCalls));
  check('windowMs', resolved.windowMs, true);
  check('openMs', resolved.openMs, true);
  check('maxOpenMs', resolved.maxOpenMs, resolved.maxOpenMs >= resolved.openMs);
  return resolved;
}

function check(key: keyof CircuitOptions, value: number, isInBounds: boolean): void {
  if (value > 0 && value < Infinity && isInBounds) return;
  throw new TypeError(`circuit.${key} is out of bounds: ${value}`);
}

function countsOf({ calls, failures }: OutcomeCounts): OutcomeCounts {
  return { calls, failures };
}
