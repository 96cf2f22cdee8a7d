import type { ChannelSnapshot, ChannelStatus, RestartMark } from '@sluice/core/events';
import { Ribbon } from './ribbon.ts';
import { SecondRing } from './time-rings.ts';

/** What a channel measured over the last twenty minutes. Shared by every copy of its state: it is read by time. */
export interface ChannelSeries {
  readonly ribbon: Ribbon;
  readonly received: SecondRing;
  readonly replied: SecondRing;
  readonly errors: SecondRing;
  /** Messages that were given up. */
  readonly deadLetters: SecondRing;
}

/** One channel as it is known: where it stands now, and its series. */
export class ChannelState {
  readonly name: string;
  kind = '';
  status: ChannelStatus = 'idle';
  /** Epoch milliseconds. */
  since = 0;
  generation = 0;
  attempt = 0;
  nextRetryAt: number | undefined;
  /** What the supervisor said of the last fault. */
  lastError: string | undefined;
  restartsInWindow = 0;
  queued = 0;
  running = 0;
  /** Moves with every event, so that painters know when to draw again. */
  version = 0;
  readonly series: ChannelSeries;

  constructor(name: string, series: ChannelSeries = emptySeries()) {
    this.name = name;
    this.series = series;
  }

  /** Replaces everything but the series by what a snapshot says, and continues the ribbon from it. */
  load(snapshot: ChannelSnapshot): void {
    this.kind = snapshot.kind;
    this.generation = snapshot.generation;
    this.attempt = snapshot.attempt;
    this.nextRetryAt = snapshot.nextRetryAt;
    this.lastError = snapshot.lastError?.message;
    this.restartsInWindow = snapshot.restartsInWindow;
    this.queued = snapshot.queued;
    this.running = snapshot.running;
    for (const mark of snapshot.restarts) this.series.ribbon.mark(mark);
    this.enter(snapshot.state, snapshot.since);
  }

  /** Moves to a status at an instant. */
  enter(status: ChannelStatus, at: number): void {
    this.status = status;
    this.since = at;
    this.series.ribbon.enter(status, at);
    this.version += 1;
  }

  /** Notes a restart, or that it gave up. */
  mark(mark: RestartMark): void {
    this.generation = mark.generation;
    this.series.ribbon.mark(mark);
    this.version += 1;
  }

  /** Makes a copy to look at later: its series are shared. */
  copy(): ChannelState {
    return Object.assign(new ChannelState(this.name, this.series), {
      kind: this.kind,
      status: this.status,
      since: this.since,
      generation: this.generation,
      attempt: this.attempt,
      nextRetryAt: this.nextRetryAt,
      lastError: this.lastError,
      restartsInWindow: this.restartsInWindow,
      queued: this.queued,
      running: this.running,
      version: this.version,
    });
  }
}

function emptySeries(): ChannelSeries {
  return {
    ribbon: new Ribbon(),
    received: new SecondRing(),
    replied: new SecondRing(),
    errors: new SecondRing(),
    deadLetters: new SecondRing(),
  };
}
