import { type Clock, systemClock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { TenantOptions } from '../pool/fair-order.ts';
import { checkTenants } from '../pool/resolve-options.ts';
import { POOL_DEFAULTS, type PoolTuning } from '../pool/options.ts';
import {
  type CircuitOptions,
  type ResolvedCircuitOptions,
  resolveCircuitOptions,
} from '../resilience/circuit-breaker.ts';
import { type Balancer, type BalancerStrategy, createBalancer } from './balancer.ts';
import type { Client } from './client.ts';
import type { Provider } from './provider.ts';
import {
  assertTimeouts,
  type ResolvedTimeouts,
  resolveTimeouts,
  type TimeoutOptions,
} from './timeouts.ts';

/** How the clients of a provider are kept: the options of a `Pool`, but for those that the client pool decides itself. */
export interface ClientTuning extends Omit<PoolTuning<Client>, 'check' | 'shed'> {
  /** How many idle clients are kept ready. @defaultValue 2, or `maxSize` when that is less */
  readonly minIdle?: number | undefined;
  /** Whether idle clients are checked, where their provider can probe its endpoint. @defaultValue true */
  readonly check?: boolean | undefined;
}

/** One provider, and what is different for it. */
export interface MemberOptions extends ClientTuning {
  readonly provider: Provider;
  /** Its share beside other providers when calls are balanced, greater than 0. @defaultValue 1 */
  readonly weight?: number | undefined;
  /** Joins the pools of several providers into one row of a dashboard. Default: none. */
  readonly group?: string | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
  readonly circuit?: CircuitOptions | undefined;
}

/** How a client pool is made. */
export interface ClientPoolOptions {
  /** The providers by the names that calls and events use, in the order in which they are asked. Default: none yet. */
  readonly providers?: Readonly<Record<string, Provider | MemberOptions>> | undefined;
  /** What holds for every provider that does not say otherwise. */
  readonly defaults?: ClientTuning | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
  readonly circuit?: CircuitOptions | undefined;
  /** Which provider is asked first. @defaultValue `'failover'`: the one registered first */
  readonly balancer?: BalancerStrategy | undefined;
  /** Shares of tenants in the waiting line, by name; a tenant that is not named weighs 1. */
  readonly tenants?: Readonly<Record<string, TenantOptions>> | undefined;
  /** Default: the runtime's own. */
  readonly clock?: Clock | undefined;
  /** Default: the runtime's own. */
  readonly random?: Random | undefined;
}

/** The options of a client pool with their defaults filled in. */
export interface ResolvedClientPoolOptions {
  readonly providers: Readonly<Record<string, Provider | MemberOptions>>;
  readonly defaults: ClientTuning;
  readonly timeouts: TimeoutOptions | undefined;
  readonly circuit: CircuitOptions | undefined;
  readonly strategy: BalancerStrategy;
  readonly balancer: Balancer;
  readonly tenants: Readonly<Record<string, TenantOptions>>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The options of one provider with their defaults filled in. */
export interface ResolvedMemberOptions {
  readonly provider: Provider;
  readonly weight: number;
  readonly group: string | undefined;
  readonly check: boolean;
  /** What its pool is made with. */
  readonly tuning: PoolTuning<Client>;
  readonly circuit: ResolvedCircuitOptions;
  /** The timeouts of an attempt when nobody else could take over. */
  readonly timeoutsAlone: ResolvedTimeouts;
  /** The timeouts of an attempt when another target could take over. */
  readonly timeoutsBesideOthers: ResolvedTimeouts;
}

/** The defaults of a client pool where they differ from those of a bare pool. */
export const CLIENT_POOL_DEFAULTS = {
  minIdle: 2,
  check: true,
  balancer: 'failover',
  weight: 1,
} as const;

const KEYS: ReadonlySet<string> = new Set<keyof ClientPoolOptions>([
  'providers',
  'defaults',
  'timeouts',
  'circuit',
  'balancer',
  'tenants',
  'clock',
  'random',
]);

/**
 * Fills in the defaults of a client pool.
 *
 * @throws {TypeError} naming the key, for an unknown option or a value that it cannot have.
 */
export function resolveClientPoolOptions(options: ClientPoolOptions): ResolvedClientPoolOptions {
  for (const key of Object.keys(options)) {
    if (!KEYS.has(key)) throw new TypeError(`Unknown option "${key}" of a client pool`);
  }
  const { random = systemRandom, balancer: strategy = CLIENT_POOL_DEFAULTS.balancer } = options;
  assertTimeouts(options.timeouts);
  if (options.tenants !== undefined) checkTenants(options.tenants, 'tenants');
  return {
    providers: options.providers ?? {},
    defaults: options.defaults ?? {},
    timeouts: options.timeouts,
    circuit: options.circuit,
    strategy,
    balancer: createBalancer(strategy, random),
    tenants: options.tenants ?? {},
    clock: options.clock ?? systemClock,
    random,
  };
}

/**
 * Fills in what a provider does not say: from the client pool's options, then from the defaults.
 *
 * @throws {TypeError} naming the key, for a value that it cannot have. Those of the pool are checked by the pool.
 */
export function resolveMemberOptions(
  given: Provider | MemberOptions,
  options: ResolvedClientPoolOptions,
): ResolvedMemberOptions {
  const own: MemberOptions = 'createClient' in given ? { provider: given } : given;
  const {
    provider,
    weight = CLIENT_POOL_DEFAULTS.weight,
    group,
    timeouts,
    circuit,
    ...tuning
  } = own;
  if (!(weight > 0 && weight < Infinity)) {
    throw new TypeError(`weight must be a finite number greater than 0, not ${weight}`);
  }
  assertTimeouts(timeouts);
  const layers = [provider.timeouts, options.timeouts, timeouts] as const;
  const { check = CLIENT_POOL_DEFAULTS.check, ...rest } = { ...options.defaults, ...tuning };
  return {
    provider,
    weight,
    group,
    check,
    tuning: withDefaults(rest),
    circuit: resolveCircuitOptions({ ...options.circuit, ...circuit }),
    timeoutsAlone: resolveTimeouts(false, ...layers),
    timeoutsBesideOthers: resolveTimeouts(true, ...layers),
  };
}

/**
 * A client that was idle is not probed before it is lent, which would keep its caller waiting: probing it now and then
 * while it is idle is enough, since a call that fails goes on to another target.
 */
function withDefaults(tuning: Omit<ClientTuning, 'check'>): PoolTuning<Client> {
  const {
    maxSize = POOL_DEFAULTS.maxSize,
    minIdle = Math.min(CLIENT_POOL_DEFAULTS.minIdle, maxSize),
    checkIntervalMs = POOL_DEFAULTS.checkIntervalMs,
    checkBypassMs = checkIntervalMs * 2,
  } = tuning;
  return { ...tuning, maxSize, minIdle, checkIntervalMs, checkBypassMs };
}
