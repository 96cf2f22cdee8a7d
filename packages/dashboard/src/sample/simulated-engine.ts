import {
  applyEvent,
  type ChannelSnapshot,
  CODEC_VERSION,
  type EngineSnapshot,
  type SluiceEvent,
  type SluiceEventDraft,
} from '@sluice/core/events';
import type { Subscribable } from '../sources/subscribable.ts';
import { SimulatedPool, type SimulatedPoolOptions } from './simulated-pool.ts';

/** What happens in a simulated engine beside the everyday work of its pools. */
export interface SimulatedStory {
  readonly name: string;
  readonly pools: readonly SimulatedPoolOptions[];
  /** The channels, connected since some time, in epoch milliseconds. */
  readonly channels: readonly {
    readonly channel: string;
    readonly kind: string;
    readonly since: number;
  }[];
  /** What happens when, in milliseconds of the engine's time, in order. */
  readonly script: readonly { readonly atMs: number; readonly event: SluiceEventDraft }[];
}

/** How a simulated engine is made. */
export interface SimulatedEngineOptions {
  readonly story: SimulatedStory;
  /** Draws numbers, at least 0 and less than 1: the same draws give the same life. */
  readonly random: () => number;
  /** When its life begins, in epoch milliseconds. */
  readonly startAt: number;
}

const STEP_MS = 100;

/**
 * An engine without models or wires: it tells what a real one would, from a seed. Its snapshot and its events agree, and
 * its time moves only when it is told to.
 */
export class SimulatedEngine {
  readonly events$: Subscribable<SluiceEvent>;

  readonly #observers: Set<(event: SluiceEvent) => void> = new Set();
  readonly #story: SimulatedStory;
  readonly #pools: readonly SimulatedPool[];
  readonly #startAt: number;
  #snapshot: EngineSnapshot;
  #elapsedMs = 0;
  #told = 0;

  constructor({ story, random, startAt }: SimulatedEngineOptions) {
    this.#story = story;
    this.#startAt = startAt;
    this.#snapshot = firstSnapshot(story, startAt);
    const run = { next: 0x7a00 };
    const tell = (event: SluiceEventDraft): void => this.tell(event);
    this.#pools = story.pools.map((options) => new SimulatedPool(options, { random, tell, run }));
    this.events$ = {
      subscribe: (next) => {
        this.#observers.add(next);
        return { unsubscribe: () => void this.#observers.delete(next) };
      },
    };
    for (const pool of this.#pools) pool.open();
  }

  /** What there is now. */
  snapshot(): EngineSnapshot {
    return { ...this.#snapshot, at: this.#startAt + this.#elapsedMs };
  }

  /** Lives on for so many milliseconds. */
  advance(durationMs: number): void {
    const end = this.#elapsedMs + durationMs;
    while (this.#elapsedMs + STEP_MS <= end) {
      this.#elapsedMs += STEP_MS;
      this.#follow();
      for (const pool of this.#pools) pool.step(this.#elapsedMs);
    }
  }

  /** Tells an event of one's own, now. */
  tell(draft: SluiceEventDraft): void {
    const { epoch, seq } = this.#snapshot;
    const event = {
      ...draft,
      epoch,
      seq: seq + 1,
      at: this.#startAt + this.#elapsedMs,
    } as SluiceEvent;
    this.#snapshot = applyEvent(this.#snapshot, event);
    for (const next of this.#observers) next(event);
  }

  #follow(): void {
    const { script } = this.#story;
    for (let next = script[this.#told]; next !== undefined; next = script[this.#told]) {
      if (next.atMs > this.#elapsedMs) return;
      this.#told += 1;
      this.tell(next.event);
    }
  }
}

function firstSnapshot({ name, channels }: SimulatedStory, at: number): EngineSnapshot {
  return {
    epoch: 'simulated',
    seq: 0,
    at,
    codec: CODEC_VERSION,
    name,
    environment: 'demo',
    startedAt: at,
    pools: [],
    targets: [],
    channels: channels.map(connectedChannel),
    runs: [],
    routes: [],
    faults: [],
    process: { pid: 4121, runtime: 'simulated', version: '1' },
    counters: {
      'calls.started': 0,
      'calls.failed': 0,
      'messages.received': 0,
      'messages.replied': 0,
      'messages.deadLettered': 0,
    },
    capabilities: [],
  };
}

function connectedChannel({
  channel,
  kind,
  since,
}: SimulatedStory['channels'][number]): ChannelSnapshot {
  return {
    channel,
    kind,
    state: 'running',
    since,
    generation: 1,
    attempt: 0,
    restartsInWindow: 0,
    restarts: [],
    metadata: {},
    received: 0,
    replied: 0,
    queued: 0,
    running: 0,
  };
}
