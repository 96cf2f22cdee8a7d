import { count, plural, wholeAge } from './format.ts';

/** The sentences of the drawer, apart from those of the first view. */
export const drawerMessages = {
  pool: {
    words: (capacity: number, warm: number, limitMs: number) =>
      [
        `Up to ${plural(capacity, 'client')}`,
        warm > 0 ? `${count(warm)} kept warm` : undefined,
        limitMs > 0 ? `${wholeAge(limitMs)} wait limit` : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(', '),
    tooFew: (samples: number, least: number) => `Too few leases yet (${samples} of ${least})`,
    samples: (samples: number) => plural(samples, 'lease'),
    moreWaiters: (waiters: number) => `${count(waiters)} more`,
    line: (waiting: number, limitMs: number | undefined) =>
      limitMs === undefined
        ? plural(waiting, 'caller')
        : `${plural(waiting, 'caller')}, ${wholeAge(limitMs)} limit`,
  },
} as const;
