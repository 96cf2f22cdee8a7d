import { onAbort } from '../base/abort.ts';
import { assertCount, assertNever } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import { withoutUndefined } from '../base/json.ts';
import type { AddFault } from '../events/command.ts';
import type { FaultKind } from '../events/event.ts';
import type { FaultSnapshot } from '../events/snapshot.ts';
import type { CompletionChunk } from '../message/completion.ts';
import { ProviderError } from './errors.ts';
import type { ClientPoolEventDraft } from './events.ts';
import { kindOfStatus } from './status-kind.ts';

/** A fault as a person asks for it, and a label of who does. */
export type FaultOptions = Omit<AddFault, 'type'> & { readonly by: string };

/** The longest that a fault may last, in milliseconds: ten minutes. */
export const MAX_FAULT_MS = 600_000;

/** How many faults there may be at once. */
const MAX_FAULTS = 100;

interface ActiveFault {
  readonly shown: FaultSnapshot;
  readonly stop: () => void;
  attempts: number;
}

/** What a fault does to one attempt. */
export interface Strike {
  readonly kind: FaultKind;
  readonly value: number;
}

/**
 * Faults that a person added, to see how everything around a provider bears them. They strike at the start of an attempt
 * and fail it as the real ones would: they count for circuits and failover. Every fault ends by itself.
 */
export class Faults {
  readonly #clock: Clock;
  readonly #bus: EventBus<ClientPoolEventDraft>;
  readonly #active = new Map<string, ActiveFault>();
  #lastId = 0;

  constructor(clock: Clock, bus: EventBus<ClientPoolEventDraft>) {
    this.#clock = clock;
    this.#bus = bus;
  }

  /**
   * Adds a fault, on one target or on all of one pool, or on everything when neither is named.
   *
   * @throws {TypeError} naming the field that is out of bounds, or when there are 100 faults.
   */
  add(options: FaultOptions): FaultSnapshot {
    this.check(options);
    this.#lastId += 1;
    const { target, pool, kind, every, value, forMs, by } = options;
    const fault = `fault-${this.#lastId}`;
    const until = this.#clock.timestamp() + forMs;
    const shown = withoutUndefined({ fault, kind, target, pool, every, value, until, by });
    const expire = (): void => void this.remove(fault, 'expired');
    const stop = this.#clock.after(forMs, expire, { unref: true });
    this.#active.set(fault, { shown, stop, attempts: 0 });
    if (this.#bus.isObserved) this.#bus.emit({ type: 'fault.added', ...shown });
    return shown;
  }

  /** Refuses what `add` would refuse, and adds nothing. @throws {TypeError} as `add` does. */
  check(options: FaultOptions): void {
    assertFault(options);
    if (this.#active.size >= MAX_FAULTS) throw new TypeError(`There are ${MAX_FAULTS} faults`);
  }

  /** Removes a fault. Returns false when there is none of that id: it may have expired. */
  remove(fault: string, by: string): boolean {
    const active = this.#active.get(fault);
    if (active === undefined) return false;
    active.stop();
    this.#active.delete(fault);
    const { kind } = active.shown;
    if (this.#bus.isObserved) this.#bus.emit({ type: 'fault.removed', fault, kind, by });
    return true;
  }

  /** Lists the faults, the oldest first. */
  list(): readonly FaultSnapshot[] {
    return [...this.#active.values()].map(({ shown }) => shown);
  }

  /** Removes them all, and their timers. */
  clear(by: string): void {
    for (const fault of this.#active.keys()) this.remove(fault, by);
  }

  /** Says what strikes the attempt that starts now at `target` of `pool`. Counts it for every fault that is meant for it. */
  strikes(target: string, pool: string): readonly Strike[] {
    if (this.#active.size === 0) return NO_STRIKES;
    const strikes: Strike[] = [];
    for (const active of this.#active.values()) {
      const { kind, every, value, ...meant } = active.shown;
      if (meant.target !== undefined && meant.target !== target) continue;
      if (meant.pool !== undefined && meant.pool !== pool) continue;
      active.attempts += 1;
      if (active.attempts % every !== 0) continue;
      strikes.push({ kind, value: value ?? DEFAULT_VALUE[kind] });
    }
    return strikes;
  }
}

const NO_STRIKES: readonly Strike[] = [];

const DEFAULT_VALUE: Readonly<Record<FaultKind, number>> = {
  latency: 1_000,
  status: 503,
  cut: 1,
  stall: 1,
};

/** What the chunks of a struck attempt come through. */
export interface StruckContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly provider: string;
  readonly model: string;
}

/** Strikes a stream. Nothing is asked of it before the faults that come first have passed. */
export async function* struck(
  source: AsyncIterable<CompletionChunk>,
  strikes: readonly Strike[],
  context: StruckContext,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for (const strike of strikes) await beforeAsking(strike, context);
  const end = strikes.find(({ kind }) => kind === 'cut' || kind === 'stall');
  if (end === undefined) yield* source;
  else yield* shortened(end, source, context.signal);
}

async function beforeAsking({ kind, value }: Strike, context: StruckContext): Promise<void> {
  switch (kind) {
    case 'latency':
      return pause(value, context);
    case 'status':
      throw statusError(value, context);
    case 'cut':
    case 'stall':
      return undefined;
    default:
      return assertNever(kind);
  }
}

async function* shortened(
  { kind, value }: Strike,
  source: AsyncIterable<CompletionChunk>,
  signal: AbortSignal,
): AsyncGenerator<CompletionChunk, void, undefined> {
  let count = 0;
  if (value > 0) {
    for await (const chunk of source) {
      if (chunk.type === 'done') break; // the answer was shorter than that: its end is what goes missing
      yield chunk;
      count += 1;
      if (count >= value) break;
    }
  }
  if (kind === 'stall') await stalled(signal);
}

function pause(durationMs: number, { clock, signal }: StruckContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(durationMs, () => {
      stopListening();
      resolve();
    });
    const stopListening = onAbort(signal, (reason) => {
      cancel();
      reject(reason);
    });
  });
}

function stalled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => void onAbort(signal, reject));
}

function statusError(status: number, { provider, model }: StruckContext): ProviderError {
  const message = `A fault added by hand answered ${status} for "${provider}"`;
  return new ProviderError(kindOfStatus(status), message, { provider, model, status });
}

function assertFault({ kind, every, value, forMs }: FaultOptions): void {
  if (!Object.hasOwn(DEFAULT_VALUE, kind)) throw new TypeError(`kind is unknown: ${kind}`);
  assertCount('every', every);
  if (!(forMs > 0 && forMs <= MAX_FAULT_MS)) {
    throw new TypeError(`forMs must be more than 0 and at most ${MAX_FAULT_MS}, not ${forMs}`);
  }
  if (value === undefined) return;
  const isInBounds =
    kind === 'status'
      ? Number.isInteger(value) && value >= 400 && value <= 599
      : value >= 0 && value <= MAX_FAULT_MS;
  if (!isInBounds) throw new TypeError(`value is out of bounds for ${kind}: ${value}`);
}
