import { assertNever } from '../base/assert.ts';

/** Which channels are restarted when one restarts by itself: none else; those added after it; all. */
export type RestartStrategy = 'one-for-one' | 'rest-for-one' | 'one-for-all';

/** The cause of a restart that followed from another channel's: it must not spread again. */
export const STRATEGY = 'strategy';

/** Those of `all`, in the order in which they were added, that share the fate of `origin`. */
export function sharersOf<T>(
  origin: T,
  all: readonly T[],
  strategy: RestartStrategy,
): readonly T[] {
  switch (strategy) {
    case 'one-for-one':
      return [];
    case 'rest-for-one':
      return all.slice(all.indexOf(origin) + 1);
    case 'one-for-all':
      return all.filter((other) => other !== origin);
    default:
      return assertNever(strategy);
  }
}
