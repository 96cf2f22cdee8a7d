import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { Random } from '../base/random.ts';
import { toEventError } from '../events/redact.ts';
import type { PoolSnapshot, TargetSnapshot } from '../events/snapshot.ts';
import type { PoolCreateError } from '../pool/errors.ts';
import type { PoolTuning } from '../pool/options.ts';
import type { InLine, OutsideLine, PoolPort } from '../pool/outside-line.ts';
import { Pool } from '../pool/pool.ts';
import type { Client } from './client.ts';
import type { ClientPoolEventDraft } from './events.ts';
import type { ResolvedMemberOptions } from './options.ts';
import { Target } from './target.ts';

/** What a member needs of the client pool around it. */
export interface MemberHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: EventBus<ClientPoolEventDraft>;
  readonly line: MemberLine;
}

/** What a member needs of the line in which callers wait for it, among others. */
export interface MemberLine {
  /** Who stands at a member, in the order of service. */
  at(member: Member): Iterable<InLine>;
  /** Serves whom it can. */
  serve(): void;
  /** Looks at everybody anew after a target changed what it admits. */
  reconsider(): void;
  /** A client of `member` could not be made. */
  onCreateFailed(member: Member, error: PoolCreateError, policy: 'fail' | 'retry'): void;
}

/** How many targets a provider has at most. The models beyond share one, `*`: their names may come from anywhere. */
const MAX_TARGETS = 256;

/** The name of the target that the models beyond the bound share. */
const OTHER_MODELS = '*';

/** One provider of a client pool: its pool of clients, and its targets, one for each model that was asked for. */
export class Member {
  readonly name: string;
  readonly pool: Pool<Client>;
  /** How many callers stand here. Written by the line alone. */
  waiting = 0;

  readonly #host: MemberHost;
  readonly #targets = new Map<string, Target>();
  #options: ResolvedMemberOptions;
  #port!: PoolPort<Client>; // given by the pool while it is made
  #model: string | undefined;

  /** @throws {TypeError} naming the key, for an option of the pool that is unknown or has a value it cannot have. */
  constructor(name: string, options: ResolvedMemberOptions, host: MemberHost) {
    this.name = name;
    this.#host = host;
    this.#options = options;
    const { clock, random } = host;
    this.pool = new Pool<Client>({
      ...options.tuning,
      name,
      clock,
      random,
      check: checkOf(options),
      create: (context) => this.#create(context),
      destroy: (client) => client.close?.(),
      describeError: (error) => toEventError(error),
      outside: (port) => this.#join(port),
    });
  }

  get options(): ResolvedMemberOptions {
    return this.#options;
  }

  /** What the line sees of the pool. */
  get port(): PoolPort<Client> {
    return this.#port;
  }

  /** What its clients answer with when a request names no model. Known once a client was made. */
  get model(): string | undefined {
    return this.#model;
  }

  /** All its targets, in the order in which they were first asked for. */
  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  /** The target of a model; of its own model when none is named, and `undefined` while that is not known. */
  target(model: string | undefined): Target | undefined {
    const name = model ?? this.#model;
    return name === undefined ? undefined : this.#targetNamed(name);
  }

  /** The target that a client and a request make together. */
  targetOf(client: Client, model: string | undefined): Target {
    if (model === undefined) this.#model = client.model; // what is asked before the next lease is what this one met
    return this.#targetNamed(model ?? client.model);
  }

  /** Puts another provider, or other options, in place of its own. Leases that are out end with the old one. */
  replace(options: ResolvedMemberOptions): void {
    this.pool.updateOptions({ ...options.tuning, check: checkOf(options) ?? nothingToCheck });
    this.#options = options;
    this.#model = undefined;
    this.pool.evict();
  }

  /** Tells that its pool is there. Its bus was attached only after the pool was made. */
  announce(): void {
    const { bus } = this.#host;
    if (!bus.isObserved) return;
    const { group, provider } = this.#options;
    const options = this.#port.limits;
    const { maxSize, minIdle } = options;
    const told = { options, group, provider: provider.name };
    bus.emit({ type: 'pool.opened', pool: this.name, maxSize, minIdle, ...told });
  }

  /** Shows its pool as plain data. */
  snapshot(): PoolSnapshot {
    const { group, provider } = this.#options;
    const shown = { ...this.pool.snapshot(), provider: provider.name };
    return group === undefined ? shown : { ...shown, group };
  }

  /** Shows its targets as plain data. */
  targetSnapshots(): readonly TargetSnapshot[] {
    return this.targets.map((target) => target.snapshot());
  }

  /** Stops the timers of its targets. Its pool is ended by its own `drain` or `close`. */
  closeTargets(): void {
    for (const target of this.#targets.values()) target.close();
  }

  #join(port: PoolPort<Client>): OutsideLine {
    this.#port = port;
    const { line } = this.#host;
    const countWaiting = (): number => this.waiting;
    return {
      get waiting() {
        return countWaiting();
      },
      waiters: () => line.at(this),
      onAvailable: () => line.serve(),
      onCreateFailed: (error, policy) => line.onCreateFailed(this, error, policy),
    };
  }

  async #create(context: { readonly signal: AbortSignal }): Promise<Client> {
    const client = await this.#options.provider.createClient(context);
    this.#model ??= client.model;
    this.#targetNamed(client.model);
    return client;
  }

  #targetNamed(model: string): Target {
    const known = this.#targets.get(model);
    if (known !== undefined) return known;
    if (this.#targets.size >= MAX_TARGETS && model !== OTHER_MODELS) {
      return this.#targetNamed(OTHER_MODELS);
    }
    const { clock, random, bus, line } = this.#host;
    const onChange = (): void => line.reconsider();
    const { circuit } = this.#options;
    const pool = this.name;
    const target = new Target({ pool, model, circuit, clock, random, bus, onChange });
    this.#targets.set(model, target);
    if (bus.isObserved) bus.emit({ type: 'target.added', target: target.id, pool });
    return target;
  }
}

function checkOf({ provider, check }: ResolvedMemberOptions): PoolTuning<Client>['check'] {
  if (!check || provider.probe === undefined) return undefined;
  return (_client, context) => provider.probe?.(context);
}

/** In the place of a check that there was before: what is not given to a pool stays. */
function nothingToCheck(): boolean {
  return true;
}
