import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { Random } from '../base/random.ts';
import type { DrainResult } from '../pool/closing.ts';
import { PoolDrainingError } from '../pool/errors.ts';
import { NoTargetError, ProviderUnknownError } from './errors.ts';
import type { ClientPoolEventDraft } from './events.ts';
import { isAskable } from './lending.ts';
import { Member } from './member.ts';
import {
  type MemberOptions,
  type ResolvedClientPoolOptions,
  resolveMemberOptions,
} from './options.ts';
import type { Provider } from './provider.ts';
import type { WaitingLine } from './waiting-line.ts';

/** What a roster needs of its client pool. */
export interface RosterHost {
  readonly options: ResolvedClientPoolOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: EventBus<ClientPoolEventDraft>;
  readonly line: WaitingLine;
}

/** The providers of a client pool: who there is, who leaves, and in which order they are asked. */
export class Roster {
  readonly #host: RosterHost;
  /** By name, in the order of registration. Replaced whole, never changed: calls under way hold on to it. */
  #members: ReadonlyMap<string, Member> = new Map();
  #order: readonly Member[] = [];
  /** All whose pools have not ended, in the order of registration: also those removed, with leases still out. */
  readonly #present = new Set<Member>();

  constructor(host: RosterHost) {
    this.#host = host;
  }

  /** Who may be asked, by name, in the order of registration. */
  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** Who may be asked and who is leaving: all that are shown. */
  get present(): readonly Member[] {
    return [...this.#present];
  }

  /** @throws {ProviderUnknownError} when there is none of that name. */
  named(name: string): Member {
    const member = this.#members.get(name);
    if (member === undefined) throw new ProviderUnknownError(name, [...this.#members.keys()]);
    return member;
  }

  /**
   * Adds a provider, or puts it in the place of the one of that name.
   *
   * @throws {TypeError} naming the key, for an option that is unknown or has a value that it cannot have.
   * @throws {PoolDrainingError} while the one of that name is being drained or removed.
   */
  register(name: string, provider: Provider | MemberOptions): void {
    const options = resolveMemberOptions(provider, this.#host.options);
    const known = this.present.find((member) => member.name === name);
    if (known?.port.status === 'draining') throw new PoolDrainingError(name);
    if (known !== undefined && known.port.status !== 'closed') {
      known.replace(options);
      return;
    }
    const member = new Member(name, options, this.#host);
    if (known !== undefined) this.#forget(known); // it was drained by hand: nothing of it is left but its name
    this.#host.bus.attach(member.pool.bus);
    this.#present.add(member);
    this.#setMembers(new Map([...this.#members, [name, member]]));
    member.announce();
  }

  /** Takes a provider out. Resolves when its leases have come back, or at the deadline. @throws {ProviderUnknownError} */
  async remove(name: string, options: { readonly deadlineMs?: number }): Promise<DrainResult> {
    const member = this.named(name);
    this.#setMembers(new Map([...this.#members].filter(([, other]) => other !== member)));
    const ended = member.pool.drain(options);
    this.#host.line.reconsider();
    const result = await ended;
    this.#forget(member);
    return result;
  }

  /**
   * Who may be asked for a call, in order.
   *
   * @throws {ProviderUnknownError} when the one that it names is not there.
   * @throws {NoTargetError} when nobody is.
   */
  forCall(provider: string | undefined, model: string | undefined): readonly Member[] {
    if (provider !== undefined) return [this.named(provider)];
    if (this.#order.length === 0) throw new NoTargetError('No provider is registered');
    const isOrdered = this.#host.options.strategy === 'failover' || this.#order.length === 1;
    return isOrdered ? this.#order : this.#balanced(model);
  }

  /** Those that can be asked now in the balancer's order, then the others: they may come back while the call waits. */
  #balanced(model: string | undefined): readonly Member[] {
    const askable = this.#order.filter((member) => isAskable(member, { model, asksTargets: true }));
    const loads = askable.map((member) => ({
      member,
      target: member.name,
      inUse: member.port.stats.inUse,
      weight: member.options.weight,
      firstContentMs: member.target(model)?.firstContentMs,
    }));
    const ordered = this.#host.options.balancer.order(loads).map(({ member }) => member);
    return [...ordered, ...this.#order.filter((member) => !askable.includes(member))];
  }

  /** Takes a member whose pool has ended out of what is shown. */
  #forget(member: Member): void {
    if (!this.#present.delete(member)) return; // one of its name was registered before `remove` heard of its end
    const { bus } = this.#host;
    member.closeTargets();
    bus.detach(member.pool.bus);
    if (bus.isObserved) bus.emit({ type: 'pool.removed', pool: member.name });
  }

  #setMembers(members: ReadonlyMap<string, Member>): void {
    this.#members = members;
    this.#order = [...members.values()];
  }
}
