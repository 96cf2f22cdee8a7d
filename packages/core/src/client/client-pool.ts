import '../base/dispose.ts';
import type { Observable } from 'rxjs';
import { invariant } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { EventBus, type EventStamp } from '../base/event-bus.ts';
import { newId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { FaultSnapshot, PoolSnapshot, PoolStats, TargetSnapshot } from '../events/snapshot.ts';
import type { Completion, CompletionRequest } from '../message/completion.ts';
import type { DrainResult } from '../pool/closing.ts';
import { PoolClosedError, PoolDrainingError } from '../pool/errors.ts';
import type { Lease } from '../pool/lease.ts';
import { checkAcquireOptions } from '../pool/resolve-options.ts';
import type { Client } from './client.ts';
import { CompletionStream } from './completion-stream.ts';
import type { ClientPoolEventDraft } from './events.ts';
import { type CallHost, FailoverCall } from './failover.ts';
import { Faults } from './fault.ts';
import type { Wish } from './lending.ts';
import type { Member } from './member.ts';
import {
  type ClientPoolOptions,
  type MemberOptions,
  type ResolvedClientPoolOptions,
  resolveClientPoolOptions,
} from './options.ts';
import { Operator } from './operator.ts';
import type { Provider } from './provider.ts';
import { Roster } from './roster.ts';
import { WaitingLine } from './waiting-line.ts';

/** Anything that happens in a client pool, stamped. */
export type ClientPoolEvent = ClientPoolEventDraft & EventStamp;

/** What a caller may say of one lease or one call. */
export interface ClientCallOptions {
  /** Ends the wait, or the call, when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How long each wait for a client may take, in milliseconds. Default: the pool's `acquireTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** An integer; higher goes first. Each second of waiting lifts a caller by one. @defaultValue 0 */
  readonly priority?: number | undefined;
  /** Whose share it is taken from. Default: that of all who name none. */
  readonly tenant?: string | undefined;
  /** Joins all events of one run. Default: a new one. */
  readonly runId?: string | undefined;
}

/** What a caller may say of one call. */
export interface CompletionOptions extends ClientCallOptions {
  /** The one provider to ask, by name. Default: all, in the order of the balancer. */
  readonly provider?: string | undefined;
}

/** A whole client pool as plain data. */
export interface ClientPoolSnapshot {
  readonly pools: readonly PoolSnapshot[];
  readonly targets: readonly TargetSnapshot[];
  readonly faults: readonly FaultSnapshot[];
}

/** How a client pool ends. */
export interface EndOptions {
  /** How long leases are waited for, in milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/** How many calls there were. Counted whether or not anybody observes. */
export interface CallCounts {
  readonly started: number;
  readonly failed: number;
}

/**
 * Providers by name, a pool of clients for each, and one `complete` and `stream` over them: who waits, waits fairly; who
 * meets a provider that fails before its first content is taken to the next one.
 *
 * ```ts
 * const clients = new ClientPool({ providers: { openai: openai({ apiKey }), local: ollama() } });
 * const answer = await clients.complete({ messages: [userMessage('What is a sluice?')] });
 * ```
 */
export class ClientPool implements AsyncDisposable {
  /** What happens in it, from subscription on. */
  readonly events$: Observable<ClientPoolEvent>;
  /** Where its events come from: for an owner that attaches them to a bus of its own. */
  readonly bus: EventBus<ClientPoolEventDraft>;
  /** Faults added by hand. */
  readonly faults: Faults;
  /** What else a person may do by hand: to pools, leases, circuits. */
  readonly operator: Operator;

  readonly #options: ResolvedClientPoolOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #line: WaitingLine;
  readonly #host: CallHost;
  readonly #roster: Roster;
  #calls = { started: 0, failed: 0 };
  #end: 'draining' | 'closed' | undefined;

  /** @throws {TypeError} naming the key, for an unknown option or a value that it cannot have. */
  constructor(options: ClientPoolOptions = {}) {
    this.#options = resolveClientPoolOptions(options);
    const { clock, random, tenants, providers } = this.#options;
    this.#clock = clock;
    this.#random = random;
    this.bus = new EventBus<ClientPoolEventDraft>({ clock, random });
    this.events$ = this.bus.events$;
    this.faults = new Faults(clock, this.bus);
    this.#line = new WaitingLine({ clock, bus: this.bus, tenants });
    this.#host = this.#callHost();
    const host = { options: this.#options, clock, random, bus: this.bus, line: this.#line };
    this.#roster = new Roster(host);
    this.operator = new Operator({ ...host, members: () => this.#roster.members });
    for (const [name, provider] of Object.entries(providers)) this.register(name, provider);
  }

  /** The names of its providers, in the order of registration. */
  get providerNames(): readonly string[] {
    return [...this.#roster.members.keys()];
  }

  /** Whether it takes no more work: `drain` or `close` was called. */
  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** How many calls there were since it was made. */
  get calls(): CallCounts {
    return { ...this.#calls };
  }

  /** Whether there is a provider of that name. */
  has(name: string): boolean {
    return this.#roster.members.has(name);
  }

  /**
   * Adds a provider, or puts another one in the place of the one of that name: leases that are out keep their clients,
   * idle clients are replaced.
   *
   * @throws {TypeError} naming the key, for an option that is unknown or has a value that it cannot have.
   * @throws {PoolClosedError} when the client pool has ended.
   * @throws {PoolDrainingError} while the one of that name is being drained or removed.
   */
  register(name: string, provider: Provider | MemberOptions): void {
    if (this.#end !== undefined) throw new PoolClosedError(name);
    this.#roster.register(name, provider);
  }

  /**
   * Takes a provider out: nobody is lent its clients any more. Resolves when its leases have come back, or at the
   * deadline (30,000 ms).
   *
   * @throws {ProviderUnknownError} when there is none of that name.
   */
  remove(name: string, options: EndOptions = {}): Promise<DrainResult> {
    return this.#roster.remove(name, withDeadline(options));
  }

  /** Makes the clients that are to be kept ready. @throws {PoolCreateError} when that fails and `createFailure` is `'fail'`. */
  async ready(): Promise<void> {
    await Promise.all(Array.from(this.#roster.members.values(), (member) => member.pool.ready()));
  }

  /**
   * Lends a client of one provider, to be used by hand. The lease is the caller's to end. Circuits and cooldowns are not
   * asked, since how the use ends is not told.
   *
   * @throws {ProviderUnknownError} when there is no provider of that name.
   * @throws {PoolAcquireTimeoutError} {PoolQueueFullError} {PoolDrainingError} {PoolClosedError} as its pool does.
   * @throws `signal.reason`, untouched, when the signal is aborted first.
   */
  get(name: string, options: ClientCallOptions = {}): Promise<Lease<Client>> {
    checkWait(options);
    return this.#lease(name, options);
  }

  /**
   * Asks for one whole answer.
   *
   * @throws {TypeError} at once, for an option that makes no sense.
   * @throws {ProviderError} when no target gave one: what the last attempt failed with, all attempts listed in it.
   * @throws {NoTargetError} {CircuitOpenError} {RateLimitedError} when nobody could be asked, and the errors of `get`.
   * @throws `signal.reason`, untouched, when the signal is aborted.
   */
  complete(request: CompletionRequest, options: CompletionOptions = {}): Promise<Completion> {
    checkWait(options);
    return this.#wholeOf(this.#call(request, options));
  }

  /** Asks for an answer as it comes. Nothing is asked before the stream is used; each use is one request. */
  stream(request: CompletionRequest, options: CompletionOptions = {}): CompletionStream {
    checkWait(options);
    return new CompletionStream(() => this.#call(request, options));
  }

  /** The counts of each provider's pool, at this moment. */
  stats(): Readonly<Record<string, PoolStats>> {
    const members = Array.from(this.#roster.members.values());
    return Object.fromEntries(members.map(({ name, pool }) => [name, pool.stats()]));
  }

  /** All of it as plain data, taken in one step. */
  snapshot(): ClientPoolSnapshot {
    const members = this.#roster.present;
    return {
      pools: members.map((member) => member.snapshot()),
      targets: members.flatMap((member) => member.targetSnapshots()),
      faults: this.faults.list(),
    };
  }

  /** Takes no more work, rejects who waits, and waits for leases up to the deadline (30,000 ms). */
  drain(options: EndOptions = {}): Promise<DrainResult> {
    this.#end ??= 'draining';
    this.#line.clear('draining', (member) => new PoolDrainingError(member.name));
    return this.#endAll((member) => member.pool.drain(withDeadline(options)));
  }

  /** Drains without waiting, unless a deadline is given: calls under way fail with a `LeaseRevokedError`. */
  close(options: EndOptions = {}): Promise<DrainResult> {
    this.#end = 'closed';
    this.#line.clear('closed', (member) => new PoolClosedError(member.name));
    return this.#endAll((member) => member.pool.close(withDeadline(options)));
  }

  /** Closes, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #lease(name: string, options: ClientCallOptions): Promise<Lease<Client>> {
    const { signal, timeoutMs, priority, tenant } = options;
    signal?.throwIfAborted();
    const wish: Wish = {
      members: [this.#roster.named(name)],
      model: undefined,
      asksTargets: false,
      label: options.runId ?? newId(this.#random),
      timeoutMs,
      priority,
      tenant,
      signal: () => signal,
    };
    const { lease } = await this.#line.acquire(wish);
    if (signal?.aborted !== true) return lease;
    lease.release(); // aborted between the grant and this turn: nobody would give it back
    throw signal.reason;
  }

  async #wholeOf(call: FailoverCall): Promise<Completion> {
    while ((await call.next()) !== undefined);
    const { completion } = call;
    invariant(completion !== undefined, 'an answer ended without being whole');
    return completion;
  }

  #call(request: CompletionRequest, options: CompletionOptions): FailoverCall {
    const { signal, timeoutMs, priority, tenant, provider } = options;
    const runId = options.runId ?? newId(this.#random);
    const members = (): readonly Member[] => this.#roster.forCall(provider, request.model);
    return new FailoverCall(this.#host, request, {
      runId,
      signal,
      timeoutMs,
      priority,
      tenant,
      members,
    });
  }

  #callHost(): CallHost {
    return {
      clock: this.#clock,
      bus: this.bus,
      callStarts: () => (this.#calls.started += 1),
      callFailed: () => void (this.#calls.failed += 1),
      acquire: (wish) => this.#line.acquire(wish),
      strikes: (target, pool) => this.faults.strikes(target, pool),
    };
  }

  async #endAll(end: (member: Member) => Promise<DrainResult>): Promise<DrainResult> {
    const members = this.#roster.present;
    const results = await Promise.all(members.map(end));
    for (const member of members) member.closeTargets();
    this.faults.clear('closed');
    this.#line.stop();
    return {
      destroyed: results.reduce((sum, { destroyed }) => sum + destroyed, 0),
      abandoned: results.flatMap(({ abandoned }) => abandoned),
    };
  }
}

/** Mistakes of a caller are told at once. @throws {TypeError} naming the option. */
function checkWait({ timeoutMs, priority, signal }: ClientCallOptions): void {
  checkAcquireOptions({ timeoutMs, priority, signal });
}

function withDeadline({ deadlineMs }: EndOptions): { deadlineMs?: number } {
  return deadlineMs === undefined ? {} : { deadlineMs };
}
