import type { SourceMessage, SourceStatus } from '../sources/source.ts';
import { Fold } from './fold.ts';
import { FrameLog } from './frame.ts';

/** A difference between two clocks that is a difference, and not the time that a message took. */
const SKEW_MS = 2_000;

/** What comes with the end of a gap. */
interface Refill {
  /** Since when somebody else recorded, in epoch milliseconds. */
  readonly recordedFrom?: number | undefined;
  /** Whether it is another engine than before. */
  readonly isOther?: boolean | undefined;
}

/** Receives a source's messages into a fold, keeps frames to look back at, and tells the engine's time. */
export class Feed {
  readonly fold: Fold = new Fold();
  readonly frames: FrameLog = new FrameLog();
  status: SourceStatus = { status: 'connecting' };
  /** How long ago the last events happened when they came, in milliseconds. */
  behindMs = 0;
  /** How many events were lost on the way, of those that the sender counted. */
  lost = 0;
  /** Moves with every message. */
  version = 0;

  #skewMs = 0;
  #gapFrom: number | undefined;
  #gapLost: number | undefined;

  /** Takes a message that came at `timestamp`, in epoch milliseconds of this page's clock. */
  receive(message: SourceMessage, timestamp: number): void {
    this.version += 1;
    switch (message.type) {
      case 'snapshot':
        return this.#takeSnapshot(message, timestamp);
      case 'events':
        return this.#takeEvents(message, timestamp);
      case 'gap':
        return this.#beginGap(message.lost);
      case 'status':
        return this.#takeStatus(message.status, timestamp);
    }
  }

  /** Whether anything was heard yet. */
  get hasSnapshot(): boolean {
    return this.fold.engine !== undefined;
  }

  /** Whether what is shown is still moving. */
  get isLive(): boolean {
    return this.status.status === 'live';
  }

  /** Tells the engine's time in epoch milliseconds. It stands still while nothing is heard of the engine. */
  engineTime(timestamp: number): number {
    return this.isLive ? Math.max(this.fold.at, timestamp - this.#skewMs) : this.fold.at;
  }

  /** Moves the fold's time on, and keeps a frame when one is due. */
  tick(timestamp: number): void {
    if (!this.isLive || !this.hasSnapshot) return;
    this.fold.tick(this.engineTime(timestamp));
    this.frames.keep(this.fold);
  }

  #takeSnapshot(
    { snapshot, history }: Extract<SourceMessage, { readonly type: 'snapshot' }>,
    timestamp: number,
  ): void {
    const beganAt = this.fold.beganAt;
    const difference = timestamp - snapshot.at;
    this.#skewMs = Math.abs(difference) > SKEW_MS ? difference : 0;
    this.fold.reset(snapshot, history);
    const isOther = this.fold.beganAt > beganAt && beganAt > 0;
    if (isOther) this.frames.clear();
    this.#endGap(snapshot.at, { recordedFrom: history?.beganAt, isOther });
  }

  #takeEvents(
    { events }: Extract<SourceMessage, { readonly type: 'events' }>,
    timestamp: number,
  ): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#endGap(events[0]?.at ?? last.at);
    for (const event of events) this.fold.add(event);
    this.behindMs = Math.max(0, timestamp - this.#skewMs - last.at);
  }

  #takeStatus(status: SourceStatus, timestamp: number): void {
    const wasLive = this.isLive;
    if (wasLive && status.status === 'lost' && this.hasSnapshot) {
      this.fold.tick(timestamp - this.#skewMs);
      this.#gapFrom ??= this.fold.at;
    }
    if (status.status === 'live') {
      this.#gapFrom = this.#gapLost === undefined ? undefined : this.#gapFrom;
    }
    this.status = status;
  }

  #beginGap(lost: number | undefined): void {
    if (this.hasSnapshot) this.#gapFrom ??= this.fold.at;
    this.#gapLost = (this.#gapLost ?? 0) + (lost ?? 0);
    this.lost += lost ?? 0;
  }

  /** What the same engine's server recorded since `recordedFrom` is no gap here. */
  #endGap(at: number, { recordedFrom = at, isOther }: Refill = {}): void {
    const from = this.#gapFrom;
    const lost = this.#gapLost;
    this.#gapFrom = undefined;
    this.#gapLost = undefined;
    const isFilled = isOther !== true && recordedFrom < at && recordedFrom <= (from ?? 0);
    if (from === undefined || isFilled) return;
    this.fold.gaps.add({ from, to: Math.max(from, Math.min(at, recordedFrom)), lost });
  }
}
