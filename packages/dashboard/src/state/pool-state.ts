import type { PoolSnapshot, PublicPoolOptions, SluiceEvent } from '@sluice/core/events';
import { SlotTable } from './slot-table.ts';
import { DurationRing, SecondRing } from './time-rings.ts';
import { WaitLine } from './wait-line.ts';

/** An event that names a pool. */
export type PoolEvent = Extract<SluiceEvent, { readonly pool: string }>;

/** What a pool measured over the last twenty minutes. Shared by every copy of its state: it is read by time. */
export interface PoolSeries {
  readonly inUse: SecondRing;
  readonly waiting: SecondRing;
  readonly capacity: SecondRing;
  /** How long callers waited, by when they were served or refused. */
  readonly waited: DurationRing;
  /** How long clients were held, by when they came back. */
  readonly held: DurationRing;
  readonly errors: SecondRing;
  /** Calls that ended, and those of them that failed: what the circuit looks at. */
  readonly calls: SecondRing;
  readonly failedCalls: SecondRing;
}

/** One pool as it is known: its clients and its line now, and its series. */
export class PoolState {
  readonly name: string;
  group: string | undefined;
  provider: string | undefined;
  status: PoolSnapshot['status'] = 'open';
  options: PublicPoolOptions;
  slots: SlotTable = new SlotTable();
  line: WaitLine = new WaitLine();
  /** Moves with every event, so that painters know when to draw again. */
  version = 0;
  readonly series: PoolSeries;

  constructor(name: string, options: PublicPoolOptions, series: PoolSeries = emptySeries()) {
    this.name = name;
    this.options = options;
    this.series = series;
  }

  /** Replaces everything but the series by what a snapshot says. */
  load(snapshot: PoolSnapshot): void {
    this.group = snapshot.group;
    this.provider = snapshot.provider;
    this.status = snapshot.status;
    this.options = snapshot.options;
    this.slots.load(snapshot.slots);
    this.line.load(snapshot.waiters, snapshot.waitersCut ?? 0);
    this.version += 1;
  }

  /** Writes what holds at `second` into the series. */
  record(second: number): void {
    this.series.inUse.write(second, this.slots.count('inUse'));
    this.series.waiting.write(second, this.line.length);
    this.series.capacity.write(second, this.options.maxSize);
  }

  /** Makes a copy to look at later: its clients and line stay as they are, its series are shared. */
  copy(): PoolState {
    const copy = new PoolState(this.name, this.options, this.series);
    copy.group = this.group;
    copy.provider = this.provider;
    copy.status = this.status;
    copy.slots = this.slots.copy();
    copy.line = this.line.copy();
    copy.version = this.version;
    return copy;
  }
}

/** Makes the series of a pool of which nothing is known yet. */
export function emptySeries(): PoolSeries {
  return {
    inUse: new SecondRing(),
    waiting: new SecondRing(),
    capacity: new SecondRing(),
    waited: new DurationRing(),
    held: new DurationRing(),
    errors: new SecondRing(),
    calls: new SecondRing(),
    failedCalls: new SecondRing(),
  };
}
