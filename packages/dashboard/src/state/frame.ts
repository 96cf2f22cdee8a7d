import type { FaultSnapshot, TargetSnapshot } from '@sluice/core/events';
import type { ChannelState } from './channel-state.ts';
import type { PoolState } from './pool-state.ts';

/** The engine at one instant: now, or a moment that is looked back at. Series are read up to `at`. */
export interface Frame {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly pools: ReadonlyMap<string, PoolState>;
  readonly targets: ReadonlyMap<string, TargetSnapshot>;
  readonly channels: ReadonlyMap<string, ChannelState>;
  readonly faults: ReadonlyMap<string, FaultSnapshot>;
}

/** How many frames are kept: one each two seconds for twenty minutes. */
const KEPT_FRAMES = 600;

/** How many clients and callers all kept frames may hold together; beyond it the oldest frames go. */
const KEPT_ENTRIES = 400_000;

/** The least time between two frames. */
const FRAME_EVERY_MS = 2_000;

/** Frames to look back at: copies of what was known, one each two seconds. Looking back shows one of them as it was. */
export class FrameLog {
  #frames: Frame[] = [];
  #entries = 0;

  /** Keeps a copy if the last one is two seconds old. */
  keep(frame: Frame): void {
    const last = this.#frames.at(-1);
    if (last !== undefined && frame.at - last.at < FRAME_EVERY_MS) return;
    this.add(frame);
  }

  /** Keeps a copy now, and gives it. */
  add(frame: Frame): Frame {
    const copy = copyFrame(frame);
    this.#frames.push(copy);
    this.#entries += entriesIn(copy);
    while (this.#frames.length > KEPT_FRAMES || this.#entries > KEPT_ENTRIES) {
      const oldest = this.#frames.shift();
      if (oldest === undefined) break;
      this.#entries -= entriesIn(oldest);
    }
    return copy;
  }

  /** Gives the frame at an instant or the last before it; the oldest when there is none. */
  at(at: number): Frame | undefined {
    return this.#frames.findLast((frame) => frame.at <= at) ?? this.#frames[0];
  }

  /** When the oldest frame was taken. */
  get oldestAt(): number | undefined {
    return this.#frames[0]?.at;
  }

  /** Forgets all. */
  clear(): void {
    this.#frames = [];
    this.#entries = 0;
  }
}

function copyFrame(frame: Frame): Frame {
  return {
    at: frame.at,
    pools: new Map([...frame.pools].map(([name, pool]) => [name, pool.copy()])),
    targets: new Map(frame.targets),
    channels: new Map([...frame.channels].map(([name, channel]) => [name, channel.copy()])),
    faults: new Map(frame.faults),
  };
}

function entriesIn(frame: Frame): number {
  let entries = 1;
  for (const { slots, line } of frame.pools.values()) {
    entries += slots.length + line.listed.length;
  }
  return entries;
}
