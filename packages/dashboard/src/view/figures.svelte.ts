import { emptyHistogram, quantile } from '../state/histogram.ts';
import type { Frame } from '../state/frame.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import { count, roughParts, windowText } from './format.ts';
import type { Stretch } from './pool-row.svelte.ts';

/** The four figures beside the verdict. */
export class Figures {
  inUse: string = $state('—');
  capacity: string = $state('');
  waiting: string = $state('—');
  isWaiting: boolean = $state(false);
  waitP95: string = $state('—');
  waitUnit: string = $state('');
  errors: string = $state('—');
  errorsTitle: string = $state('Errors');

  /** Writes the counts. */
  sampleText(groups: readonly PoolGroup[]): void {
    const total = (read: (group: PoolGroup) => number): number =>
      groups.reduce((sum, group) => sum + read(group), 0);
    const waiting = total((group) => group.waiting);
    this.inUse = count(total((group) => group.inUse));
    this.capacity = count(total((group) => group.capacity));
    this.waiting = count(waiting);
    this.isWaiting = waiting > 0;
  }

  /** Writes what is over a window. */
  sampleSlow(groups: readonly PoolGroup[], frame: Frame, { from, to }: Stretch): void {
    const waited = emptyHistogram();
    let errors = 0;
    for (const group of groups) {
      errors += group.sum('errors', from, to);
      for (const pool of group.members) pool.series.waited.addTo(waited, from, to);
    }
    for (const { series } of frame.channels.values()) errors += series.errors.sum(from, to);
    [this.waitP95, this.waitUnit] = roughParts(quantile(waited, 0.95));
    this.errors = count(errors);
    this.errorsTitle = `Errors, ${windowText((to - from) * 1000)}`;
  }
}
