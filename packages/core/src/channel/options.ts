import { assertCount, assertOneOf } from '../base/assert.ts';
import { assertDelay } from '../base/clock.ts';
import type { Channel } from './channel.ts';
import type { DedupeLimits } from './dedupe.ts';
import type { QueueLimits, QueueMode } from './keyed-queue.ts';
import type { OwnershipStore } from './ownership.ts';
import type { RestartOptions, RestartPolicy } from './restart-policy.ts';

/** One channel and how it is supervised. */
export interface ChannelDefinition {
  /** Unique in its manager. */
  readonly id: string;
  readonly channel: Channel;
  readonly restart?: RestartOptions | undefined;
  readonly queue?: QueueOptions | undefined;
  readonly outbox?: OutboxOptions | undefined;
  /** `false`: every message is new. */
  readonly dedupe?: DedupeOptions | false | undefined;
  /** Shown to observers. No secrets. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Channels that must be up before this one is started, and are stopped after it. Default: none. */
  readonly dependsOn?: readonly string[] | undefined;
  /** Sees to it that only one process runs this channel. Default: this one does. */
  readonly ownership?: OwnershipStore | undefined;
}

/** How accepted messages wait and are served. A message's namespace is its key. */
export interface QueueOptions {
  /**
   * `queue`: all, one after the other; `collect`: all that wait at once, as one; `latest`: only the newest that waits;
   * `interrupt`: the newest, and what runs is aborted; `parallel`: all, at once and in no order.
   *
   * @defaultValue `'queue'`
   */
  readonly mode?: QueueMode | undefined;
  /** The most messages handled at once, over all namespaces. @defaultValue 100 */
  readonly concurrency?: number | undefined;
  /** The most messages that wait, over all namespaces. @defaultValue 1 000 */
  readonly capacity?: number | undefined;
  /** The most messages that wait in one namespace. @defaultValue 100 */
  readonly capacityPerKey?: number | undefined;
  /**
   * What happens to one message too many. `block`: the channel is not read until there is room; one that pushes fills a
   * buffer of `bufferSize`, then it is as `reject`. `reject`: it is refused, and its sender told so. `drop-newest` and
   * `drop-oldest` lose one without a word to its sender. What is refused or lost is a dead letter.
   *
   * @defaultValue `'block'`
   */
  readonly overflow?: OverflowMode | undefined;
  /** The most messages of a pushing channel that wait for room under `block`. @defaultValue 100 */
  readonly bufferSize?: number | undefined;
}

/** What happens to one message too many. */
export type OverflowMode = 'block' | 'reject' | 'drop-newest' | 'drop-oldest';

/** How replies are delivered. */
export interface OutboxOptions {
  /** The most tries of one piece. @defaultValue 5 */
  readonly maxAttempts?: number | undefined;
  /** The wait before the second try, in milliseconds; it doubles from then on, with full jitter. @defaultValue 500 */
  readonly baseMs?: number | undefined;
  /** The longest wait before a try, in milliseconds, unless the peer asks for more. @defaultValue 30 000 */
  readonly capMs?: number | undefined;
  /** The most sends within a time; pieces that only show growth leave `reserve` of them to final ones. Default: no limit. */
  readonly rate?: SendRate | undefined;
}

/** How often a channel may send. */
export interface SendRate {
  readonly limit: number;
  readonly intervalMs: number;
  /** How many of `limit` are kept for final pieces. @defaultValue a fifth of `limit`, rounded up */
  readonly reserve?: number | undefined;
}

/** How redelivered messages are recognised. */
export interface DedupeOptions {
  /** How long a handled message is remembered, in milliseconds. @defaultValue 600 000 */
  readonly ttlMs?: number | undefined;
  /** The most ids that are remembered. @defaultValue 10 000 */
  readonly maxSize?: number | undefined;
}

/** A channel definition with its defaults filled in. */
export interface ResolvedChannelDefinition {
  readonly id: string;
  readonly channel: Channel;
  readonly restart: RestartPolicy;
  readonly queue: ResolvedQueueOptions;
  readonly outbox: ResolvedOutboxOptions;
  /** Undefined: every message is new. */
  readonly dedupe: DedupeLimits | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly dependsOn: readonly string[];
  readonly ownership: OwnershipStore | undefined;
}

/** Queue options with their defaults filled in. */
export interface ResolvedQueueOptions extends QueueLimits {
  readonly overflow: OverflowMode;
  readonly bufferSize: number;
}

/** Outbox options with their defaults filled in. */
export interface ResolvedOutboxOptions {
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly rate: ResolvedSendRate | undefined;
}

/** A send rate with its default filled in. */
export interface ResolvedSendRate {
  readonly limit: number;
  readonly intervalMs: number;
  readonly reserve: number;
}

/** What a channel definition that says nothing gets. */
export const CHANNEL_DEFAULTS: {
  readonly restart: RestartPolicy;
  readonly queue: ResolvedQueueOptions;
  readonly outbox: ResolvedOutboxOptions;
  readonly dedupe: DedupeLimits;
} = {
  restart: {
    restart: 'permanent',
    intensity: 20,
    periodMs: 60_000,
    backoff: { baseMs: 1_000, factor: 2, capMs: 30_000, jitter: 'full' },
    stableAfterMs: 60_000,
    maxAttempts: Number.MAX_SAFE_INTEGER,
    connectTimeoutMs: 30_000,
    classify: undefined,
  },
  queue: {
    mode: 'queue',
    concurrency: 100,
    capacity: 1_000,
    capacityPerKey: 100,
    overflow: 'block',
    bufferSize: 100,
  },
  outbox: { maxAttempts: 5, baseMs: 500, capMs: 30_000, rate: undefined },
  dedupe: { ttlMs: 600_000, maxSize: 10_000 },
};

const JITTERS = ['full', 'equal', 'decorrelated', 'none'];
const MODES = ['queue', 'collect', 'latest', 'interrupt', 'parallel'];
const OVERFLOWS = ['block', 'drop-oldest', 'drop-newest', 'reject'];

/**
 * Checks a definition once and fills in its defaults.
 *
 * @throws {TypeError} that names the key, when a value makes no sense.
 */
export function resolveChannelDefinition(definition: ChannelDefinition): ResolvedChannelDefinition {
  const { id, channel } = definition;
  if (typeof id !== 'string' || id === '') {
    throw new TypeError('id must be a string that is not empty');
  }
  if (typeof channel?.open !== 'function') {
    throw new TypeError(`channel of "${id}" must have an open()`);
  }
  return {
    id,
    channel,
    restart: resolveRestart(definition.restart),
    queue: resolveQueue(definition.queue),
    outbox: resolveOutbox(definition.outbox),
    dedupe: definition.dedupe === false ? undefined : resolveDedupe(definition.dedupe),
    metadata: { ...definition.metadata },
    dependsOn: [...(definition.dependsOn ?? [])],
    ownership: definition.ownership,
  };
}

function resolveRestart(options: RestartOptions = {}): RestartPolicy {
  const defaults = CHANNEL_DEFAULTS.restart;
  const backoff = { ...defaults.backoff, ...defined(options.backoff ?? {}) };
  const policy = { ...defaults, ...defined(options), backoff };
  assertOneOf('restart.restart', policy.restart, ['permanent', 'transient', 'temporary']);
  assertOneOf('restart.backoff.jitter', backoff.jitter, JITTERS);
  assertCount('restart.intensity', policy.intensity, 0);
  assertCount('restart.maxAttempts', policy.maxAttempts, 0);
  assertDelay(policy.periodMs, 'restart.periodMs');
  assertDelay(policy.stableAfterMs, 'restart.stableAfterMs');
  assertDelay(policy.connectTimeoutMs, 'restart.connectTimeoutMs');
  assertDelay(backoff.baseMs, 'restart.backoff.baseMs');
  assertDelay(backoff.capMs, 'restart.backoff.capMs');
  if (!(backoff.factor >= 1 && backoff.factor < Infinity)) {
    throw new TypeError(`restart.backoff.factor must be at least 1, not ${backoff.factor}`);
  }
  return policy;
}

function resolveQueue(options: QueueOptions = {}): ResolvedQueueOptions {
  const queue = { ...CHANNEL_DEFAULTS.queue, ...defined(options) };
  assertOneOf('queue.mode', queue.mode, MODES);
  assertOneOf('queue.overflow', queue.overflow, OVERFLOWS);
  assertCount('queue.concurrency', queue.concurrency);
  assertCount('queue.capacity', queue.capacity);
  assertCount('queue.capacityPerKey', queue.capacityPerKey);
  assertCount('queue.bufferSize', queue.bufferSize);
  return queue;
}

function resolveOutbox(options: OutboxOptions = {}): ResolvedOutboxOptions {
  const { rate: asked, ...rest } = { ...CHANNEL_DEFAULTS.outbox, ...defined(options) };
  assertCount('outbox.maxAttempts', rest.maxAttempts);
  assertDelay(rest.baseMs, 'outbox.baseMs');
  assertDelay(rest.capMs, 'outbox.capMs');
  if (asked === undefined) return { ...rest, rate: undefined };

  const rate = { ...asked, reserve: asked.reserve ?? Math.ceil(asked.limit / 5) };
  assertCount('outbox.rate.limit', rate.limit);
  assertCount('outbox.rate.reserve', rate.reserve, 0);
  assertDelay(rate.intervalMs, 'outbox.rate.intervalMs');
  return { ...rest, rate };
}

function resolveDedupe(options: DedupeOptions = {}): DedupeLimits {
  const dedupe = { ...CHANNEL_DEFAULTS.dedupe, ...defined(options) };
  assertDelay(dedupe.ttlMs, 'dedupe.ttlMs');
  assertCount('dedupe.maxSize', dedupe.maxSize);
  return dedupe;
}

/** An option that is written as `undefined` is one that was not written. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
