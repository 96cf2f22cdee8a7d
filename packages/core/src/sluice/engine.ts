import type { Observable } from 'rxjs';
import type { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';
import type { CommandResult, SluiceCommand } from '../events/command.ts';
import type { SluiceEvent } from '../events/event.ts';
import type { EngineSnapshot } from '../events/snapshot.ts';
import type { AgentTable } from './options.ts';

/** How long a stop waits. */
export interface EngineStopOptions {
  /** How long what is under way may take, in milliseconds. Default: the engine's `stopDeadlineMs`. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Channels, routes, agents and clients, wired and observable as one. `await using` stops it, also when something threw.
 * It never listens to signals of the process: `process.once('SIGTERM', () => void engine.stop())` is the host's line.
 */
export interface Engine extends AsyncDisposable {
  /**
   * Connects the channels. Resolves when each runs, is paused or stands by. Once.
   *
   * @throws {ChannelFailedError} when a channel was given up; the error itself when that cannot be mended. Others run.
   * @throws {ChannelSupersededError} when the engine was stopped meanwhile.
   * @throws {AggregateError} when several channels failed.
   * @throws {TypeError} when the engine was stopped before.
   */
  start(): Promise<void>;
  /**
   * Ends it for good: channels take no more and answer what they accepted, then clients are drained and closed. What is
   * not done at the deadline is aborted. Concurrent calls share the first one's deadline. Never rejects.
   */
  stop(options?: EngineStopOptions): Promise<void>;
  /**
   * The whole engine as plain JSON, in one synchronous step. Subscribe to `events$` first, then take it, then drop events
   * whose `seq` is not greater: what is left folds into it (`applyEvent`).
   */
  snapshot(): EngineSnapshot;
  /** Everything observable that happens, from subscription on. No key and no message text. */
  readonly events$: Observable<SluiceEvent>;
  /**
   * Carries out what an operator asks for, if it is valid, granted and possible; refuses it otherwise. Leaves an event
   * either way. What takes time is answered when it has begun. Safe to call with anything that came from outside.
   */
  execute(command: SluiceCommand): Promise<CommandResult>;
  /**
   * Replaces agents and routes, from the next message on. Messages under way end with the table that they began with.
   *
   * @throws {TypeError} when the table is not valid. Nothing has changed then.
   */
  setAgents(table: AgentTable): void;
  readonly clients: ClientPool;
  readonly channels: ChannelManager;
}
