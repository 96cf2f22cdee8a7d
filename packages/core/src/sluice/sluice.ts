import '../base/dispose.ts';
import type { Observable } from 'rxjs';
import { assertDelay } from '../base/clock.ts';
import { EventBus } from '../base/event-bus.ts';
import { newId } from '../base/id.ts';
import { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';
import type { CommandResult, SluiceCommand } from '../events/command.ts';
import type { SluiceEvent, SluiceEventDraft } from '../events/event.ts';
import { hashIdentity } from '../events/redact.ts';
import type { Capability, EngineSnapshot } from '../events/snapshot.ts';
import type { RunReporter } from '../runtime/run-report.ts';
import type { RuntimeOptions } from '../runtime/runtime.ts';
import { SessionTurns } from '../runtime/session.ts';
import { Agents } from './agents.ts';
import { executeCommand } from './commands.ts';
import { createDispatch } from './dispatch.ts';
import type { Engine, EngineStopOptions } from './engine.ts';
import {
  type AgentTable,
  resolveAgentTable,
  type ResolvedSluiceOptions,
  resolveSluiceOptions,
  type SluiceOptions,
} from './options.ts';
import { LiveRuns } from './runs.ts';
import { shutDown } from './shutdown.ts';
import { takeSnapshot } from './snapshot.ts';
import { VERSION } from './version.ts';

/**
 * Wires channels, routes, agents and clients into one engine. Starts nothing.
 *
 * @example
 * ```ts
 * await using engine = createSluice({ clients, channels, agents, routes });
 * await engine.start();
 * ```
 * @throws {TypeError} when an option makes no sense, a rule names an agent that does not exist, or the client pool
 * belongs to another engine.
 */
export function createSluice(options: SluiceOptions): Engine {
  return new SluiceEngine(resolveSluiceOptions(options));
}

class SluiceEngine implements Engine {
  readonly clients: ClientPool;
  readonly channels: ChannelManager;
  readonly events$: Observable<SluiceEvent>;

  readonly #options: ResolvedSluiceOptions;
  readonly #bus: EventBus<SluiceEventDraft>;
  readonly #runs: LiveRuns;
  readonly #runtimeOptions: RuntimeOptions;
  #agents: Agents;
  #startedAt: number;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ResolvedSluiceOptions) {
    const { clients, clock, random, store, texts } = options;
    const showIdentity = identityFormat(options);
    this.#options = options;
    this.#startedAt = clock.timestamp();
    this.#bus = new EventBus({ clock, random });
    this.events$ = this.#bus.events$;
    this.#runs = new LiveRuns(clock, showIdentity);
    this.#runtimeOptions = {
      clients,
      store,
      clock,
      turns: new SessionTurns(),
      reporter: runReporter(this.#bus, this.#runs),
    };
    this.#agents = new Agents(options.table, this.#runtimeOptions);
    this.clients = clients;
    this.channels = new ChannelManager({
      handler: createDispatch({
        agents: () => this.#agents,
        runs: this.#runs,
        bus: this.#bus,
        texts,
      }),
      clock,
      random,
      errorText: texts.failed,
      handlerTimeoutMs: options.handlerTimeoutMs,
      hashIdentity: showIdentity,
      onMessage: (type, about) => this.#runs.heard(type, about),
    });
    for (const definition of options.channels) this.channels.add(definition);
    this.#bus.attach(clients.bus);
    this.#bus.attach(this.channels.bus);
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined) {
      return Promise.reject(new TypeError('The engine was stopped: make another one'));
    }
    this.#starting ??= this.#start();
    return this.#starting;
  }

  stop({ deadlineMs = this.#options.stopDeadlineMs }: EngineStopOptions = {}): Promise<void> {
    assertDelay(deadlineMs, 'deadlineMs');
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  snapshot(): EngineSnapshot {
    const { name, environment, clock } = this.#options;
    return takeSnapshot({
      name,
      environment,
      clock,
      startedAt: this.#startedAt,
      capabilities: capabilitiesOf(this.#options),
      bus: this.#bus,
      clients: this.clients,
      channels: this.channels,
      agents: this.#agents,
      runs: this.#runs,
    });
  }

  async execute(command: SluiceCommand): Promise<CommandResult> {
    const { clients, channels } = this;
    return executeCommand(command, {
      granted: this.#options.grant,
      isStopping: this.#stopping !== undefined,
      restartDeadlineMs: this.#options.restartDeadlineMs,
      clients,
      channels,
      bus: this.#bus,
    });
  }

  setAgents(table: AgentTable): void {
    this.#agents = new Agents(resolveAgentTable(table), this.#runtimeOptions);
    if (!this.#bus.isObserved) return;
    this.#bus.emit({ type: 'route.replaced', routes: this.#agents.snapshot() });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #start(): Promise<void> {
    this.#startedAt = this.#options.clock.timestamp();
    if (this.#bus.isObserved) this.#bus.emit({ type: 'engine.started', version: VERSION });
    return this.channels.start();
  }

  async #stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    if (this.#bus.isObserved) this.#bus.emit({ type: 'engine.stopping' });
    await shutDown({ channels: this.channels, clients: this.clients, clock }, deadlineMs);
    if (this.#bus.isObserved) this.#bus.emit({ type: 'engine.stopped' });
  }
}

/** Tells runs to whoever observes the engine, and always to whoever counts. */
function runReporter(bus: EventBus<SluiceEventDraft>, runs: LiveRuns): RunReporter {
  return {
    get isObserved() {
      return bus.isObserved;
    },
    emit: (event) => bus.emit(event),
    entered: (runId, phase) => runs.entered(runId, phase),
  };
}

/** How events and snapshots show a namespace. */
function identityFormat({
  capturesIdentity,
  random,
}: ResolvedSluiceOptions): (text: string) => string {
  if (capturesIdentity) return (text) => text;
  const salt = newId(random);
  return (text) => hashIdentity(text, salt);
}

function capabilitiesOf({ grant, capturesIdentity }: ResolvedSluiceOptions): readonly Capability[] {
  const act: readonly Capability[] = grant.size > 0 ? ['act'] : [];
  return capturesIdentity ? [...act, 'identity'] : act;
}
