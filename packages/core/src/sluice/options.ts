import { assertDelay, type Clock, systemClock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { ChannelDefinition } from '../channel/options.ts';
import type { ClientPool } from '../client/client-pool.ts';
import type { SluiceCommand } from '../events/command.ts';
import type { RoutingTable } from '../routing/router.ts';
import type { RoutingRule } from '../routing/rule.ts';
import type { AgentDefinition } from '../runtime/agent.ts';
import { MemorySessionStore } from '../store/memory-store.ts';
import type { SessionStore } from '../store/store.ts';

/** Who answers, and which messages. */
export interface AgentTable {
  readonly agents: readonly AgentDefinition[];
  /** Rules in order, or rules with a fallback. Default: everything goes to the one agent. */
  readonly routes?: readonly RoutingRule[] | RoutingTable | undefined;
}

/** What an engine is made of. Each part keeps its own options. */
export interface SluiceOptions extends AgentTable {
  /** What dashboards call it. @defaultValue `'sluice'` */
  readonly name?: string | undefined;
  /** Where it runs, such as `production`. Only shown. @defaultValue `'development'` */
  readonly environment?: string | undefined;
  /** Whom agents ask. It becomes the engine's own: `stop` drains it. */
  readonly clients: ClientPool;
  readonly channels: readonly ChannelDefinition[];
  /** Which commands `execute` carries out. @defaultValue none */
  readonly grant?: readonly SluiceCommand['type'][] | undefined;
  /** What events and snapshots may show beyond the defaults. */
  readonly capture?: CaptureOptions | undefined;
  /** Where conversations are kept. Default: in memory, within the bounds of `MEMORY_STORE_DEFAULTS`. */
  readonly store?: SessionStore | undefined;
  /** What people are told when there is no answer. */
  readonly texts?: SluiceTexts | undefined;
  /** How long `stop` waits for what is under way, in milliseconds. @defaultValue 10 000 */
  readonly stopDeadlineMs?: number | undefined;
  /**
   * How long a channel that is restarted by command goes on answering what it had accepted, in milliseconds. Models take
   * their time, so it is longer than a stop may be. @defaultValue 30 000
   */
  readonly restartDeadlineMs?: number | undefined;
  /** How long the answer to one message may take, in milliseconds. Default: the channel manager's, 600 000. */
  readonly handlerTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** What events and snapshots may show beyond the defaults. */
export interface CaptureOptions {
  /** Namespaces as they are. @defaultValue `false`: as short hashes, salted anew in each process */
  readonly identity?: boolean | undefined;
}

/** Texts for people. They are sent as they are, so they must be safe to show. */
export interface SluiceTexts {
  /** Said when an answer failed. @defaultValue the channel manager's */
  readonly failed?: string | undefined;
  /** Said when no rule takes a message. Default: nothing is said. */
  readonly unroutable?: string | undefined;
}

/** The options of an engine, with their defaults filled in. */
export interface ResolvedSluiceOptions {
  readonly name: string;
  readonly environment: string;
  readonly clients: ClientPool;
  readonly channels: readonly ChannelDefinition[];
  readonly table: ResolvedAgentTable;
  readonly grant: ReadonlySet<SluiceCommand['type']>;
  readonly capturesIdentity: boolean;
  readonly store: SessionStore;
  readonly texts: SluiceTexts;
  readonly stopDeadlineMs: number;
  readonly restartDeadlineMs: number;
  readonly handlerTimeoutMs: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Agents, and rules with their fallback. */
export interface ResolvedAgentTable {
  readonly agents: readonly AgentDefinition[];
  readonly routes: RoutingTable;
}

/** What an engine is called and how long it waits, unless told otherwise. Durations in milliseconds. */
export const SLUICE_DEFAULTS: {
  readonly name: string;
  readonly environment: string;
  readonly stopDeadlineMs: number;
  readonly restartDeadlineMs: number;
} = {
  name: 'sluice',
  environment: 'development',
  stopDeadlineMs: 10_000,
  restartDeadlineMs: 30_000,
};

/**
 * Checks the options of an engine and fills in their defaults.
 *
 * @throws {TypeError} when there is no agent, when there are several and no routes, or when the deadline is no duration.
 */
export function resolveSluiceOptions(options: SluiceOptions): ResolvedSluiceOptions {
  const stopDeadlineMs = options.stopDeadlineMs ?? SLUICE_DEFAULTS.stopDeadlineMs;
  const restartDeadlineMs = options.restartDeadlineMs ?? SLUICE_DEFAULTS.restartDeadlineMs;
  assertDelay(stopDeadlineMs, 'stopDeadlineMs');
  assertDelay(restartDeadlineMs, 'restartDeadlineMs');
  return {
    name: options.name ?? SLUICE_DEFAULTS.name,
    environment: options.environment ?? SLUICE_DEFAULTS.environment,
    clients: options.clients,
    channels: options.channels,
    table: resolveAgentTable(options),
    grant: new Set(options.grant),
    capturesIdentity: options.capture?.identity ?? false,
    store: options.store ?? new MemorySessionStore(),
    texts: options.texts ?? {},
    stopDeadlineMs,
    restartDeadlineMs,
    handlerTimeoutMs: options.handlerTimeoutMs,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

/**
 * Fills in what a table leaves out.
 *
 * @throws {TypeError} when there is no agent, or when there are several and no routes.
 */
export function resolveAgentTable({ agents, routes }: AgentTable): ResolvedAgentTable {
  const [first] = agents;
  if (first === undefined) throw new TypeError('An engine needs at least one agent');
  if (routes !== undefined) return { agents, routes: isTable(routes) ? routes : { rules: routes } };
  if (agents.length > 1) throw new TypeError(`${agents.length} agents need routes`);
  return { agents, routes: { rules: [{ kind: 'static', agent: first.name }] } };
}

function isTable(routes: readonly RoutingRule[] | RoutingTable): routes is RoutingTable {
  return !Array.isArray(routes);
}
