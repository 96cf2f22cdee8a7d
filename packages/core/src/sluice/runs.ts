import { assertNever } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { RunId } from '../base/id.ts';
import type { MessageListener } from '../channel/handler.ts';
import type { MessageEvent } from '../events/channel-event.ts';
import type { CounterName, RunSnapshot } from '../events/snapshot.ts';
import { formatNamespace } from '../message/envelope.ts';
import type { RunPhase } from '../runtime/run-report.ts';

/** What an engine counts of messages. */
export type MessageCounters = Readonly<Record<Extract<CounterName, `messages.${string}`>, number>>;

/** Whose message it is. */
export type RunOrigin = Parameters<MessageListener>[1];

interface LiveRun {
  readonly origin: RunOrigin;
  readonly startedAt: number;
  agent: string | undefined;
  phase: RunPhase;
}

/**
 * The messages on their way, and how many there were. Kept whether anybody observes or not, each change in one step with
 * the event that tells of it, so that a snapshot is what the events before it say.
 */
export class LiveRuns {
  readonly #clock: Clock;
  readonly #hashIdentity: (text: string) => string;
  /** In the order of their arrival. */
  readonly #runs = new Map<RunId, LiveRun>();
  #received = 0;
  #replied = 0;
  #deadLettered = 0;

  /** `hashIdentity` is how events show a namespace. */
  constructor(clock: Clock, hashIdentity: (text: string) => string) {
    this.#clock = clock;
    this.#hashIdentity = hashIdentity;
  }

  /** How many messages arrived and how they ended. */
  get counters(): MessageCounters {
    return {
      'messages.received': this.#received,
      'messages.replied': this.#replied,
      'messages.deadLettered': this.#deadLettered,
    };
  }

  /** Notes what happened to a message. */
  heard(type: MessageEvent['type'], origin: RunOrigin): void {
    switch (type) {
      case 'message.received':
        this.#received += 1;
        this.#add(origin);
        return;
      case 'message.started':
        this.entered(origin.runId, 'waiting');
        return;
      case 'message.replied':
        this.#replied += 1;
        this.#runs.delete(origin.runId);
        return;
      case 'message.deadLettered':
        this.#deadLettered += 1;
        this.#runs.delete(origin.runId);
        return;
      case 'message.ignored':
      case 'message.failed':
        this.#runs.delete(origin.runId);
        return;
      case 'message.queued':
      case 'message.duplicate':
        return;
      default:
        assertNever(type);
    }
  }

  /** Notes which agent answers. */
  routed(runId: RunId, agent: string): void {
    const run = this.#runs.get(runId);
    if (run !== undefined) run.agent = agent;
  }

  /** Notes where a run stands. */
  entered(runId: RunId, phase: RunPhase): void {
    const run = this.#runs.get(runId);
    if (run !== undefined) run.phase = phase;
  }

  /** The messages on their way, the oldest first. */
  snapshot(): readonly RunSnapshot[] {
    return Array.from(this.#runs.values(), ({ origin, agent, phase, startedAt }) => ({
      runId: origin.runId,
      channel: origin.channel,
      namespace: this.#hashIdentity(formatNamespace(origin.message.namespace)),
      phase,
      startedAt,
      ...(agent === undefined ? {} : { agent }),
    }));
  }

  #add(origin: RunOrigin): void {
    const startedAt = this.#clock.timestamp();
    this.#runs.set(origin.runId, { origin, startedAt, agent: undefined, phase: 'queued' });
  }
}
