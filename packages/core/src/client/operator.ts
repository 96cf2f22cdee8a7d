import { linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { DrainResult } from '../pool/closing.ts';
import type { ClientPoolEventDraft } from './events.ts';
import type { Member } from './member.ts';
import type { Target } from './target.ts';
import type { WaitingLine } from './waiting-line.ts';

/** What an operator needs of the client pool. */
export interface OperatorHost {
  readonly clock: Clock;
  readonly bus: EventBus<ClientPoolEventDraft>;
  readonly line: WaitingLine;
  /** The members now, by name. */
  readonly members: () => ReadonlyMap<string, Member>;
}

/** How long a probe may take, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/**
 * What a person may do by hand to the pools and targets of a client pool. Each says `false`, and does nothing, when there
 * is no pool or target of that name.
 */
export class Operator {
  readonly #host: OperatorHost;

  constructor(host: OperatorHost) {
    this.#host = host;
  }

  /** Takes a provider out of service for good, until it is registered anew. `undefined` when there is none of that name. */
  async drain(pool: string, deadlineMs: number): Promise<DrainResult | undefined> {
    const member = this.#host.members().get(pool);
    if (member === undefined) return undefined;
    const drained = member.pool.drain({ deadlineMs });
    this.#host.line.reconsider();
    return drained;
  }

  /**
   * Changes how many clients there may be.
   *
   * @throws {TypeError} when `maxSize` is not an integer of at least 1.
   */
  resize(pool: string, maxSize: number): boolean {
    return this.#withPool(pool, (member) => member.pool.resize(maxSize));
  }

  /** Lends no more clients of a provider until `resume`. */
  suspend(pool: string): boolean {
    return this.#withPool(pool, (member) => member.pool.suspend());
  }

  /** Ends a suspension. */
  resume(pool: string): boolean {
    return this.#withPool(pool, (member) => member.pool.resume());
  }

  /** Takes a lease away from its holder: its call fails with a `LeaseRevokedError`. */
  revoke(pool: string, lease: number): boolean {
    return this.#host.members().get(pool)?.pool.revoke(lease) ?? false;
  }

  /** Opens the circuit of a target. */
  trip(target: string): boolean {
    return this.#withTarget(target, (found) => found.trip());
  }

  /** Closes the circuit of a target and ends its rest. */
  reset(target: string): boolean {
    return this.#withTarget(target, (found) => found.reset());
  }

  /** Asks the endpoint of a target whether it answers, for 5 s at most. `undefined` when it cannot be asked. */
  async probe(target: string): Promise<boolean | undefined> {
    const member = this.#memberOf(target);
    if (member?.options.provider.probe === undefined) return undefined;
    const { clock, bus } = this.#host;
    const startedAt = clock.now();
    const healthy = await this.#answers(member);
    const durationMs = clock.now() - startedAt;
    if (bus.isObserved) {
      bus.emit({ type: 'target.probed', target, pool: member.name, healthy, durationMs });
    }
    return healthy;
  }

  async #answers({ options }: Member): Promise<boolean> {
    const link = linkedAbort();
    const limit = new DOMException('The probe took too long', 'TimeoutError');
    const cancel = this.#host.clock.after(PROBE_TIMEOUT_MS, () => link.abort(limit));
    try {
      await options.provider.probe?.({ signal: link.signal });
      return true;
    } catch {
      return false; // that it failed is the answer; why is shown by the calls that fail
    } finally {
      cancel();
    }
  }

  #withPool(pool: string, work: (member: Member) => void): boolean {
    const member = this.#host.members().get(pool);
    if (member === undefined) return false;
    work(member);
    this.#host.line.reconsider();
    return true;
  }

  #withTarget(id: string, work: (target: Target) => void): boolean {
    const target = this.#memberOf(id)?.targets.find((other) => other.id === id);
    if (target === undefined) return false;
    work(target);
    return true;
  }

  #memberOf(target: string): Member | undefined {
    const members = [...this.#host.members().values()];
    return members.find(({ targets }) => targets.some(({ id }) => id === target));
  }
}
