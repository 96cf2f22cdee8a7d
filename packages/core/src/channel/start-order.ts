/** One of several that start and stop together. */
export interface Ordered {
  /** Those that are up before it, and go down after it. */
  readonly dependsOn: readonly string[];
}

/** What is done to one of them, once those before it are through. */
type Work = (id: string) => Promise<void>;

/**
 * Does `work` for `ids` and for what they depend on: those that are depended on first, the others at once.
 *
 * @returns one promise for each of `ids`. One whose dependency failed fails with that failure, and is not worked on.
 */
export function inOrder(
  ids: readonly string[],
  find: (id: string) => Ordered,
  work: Work,
): Promise<void>[] {
  const begun = new Map<string, Promise<void>>();
  const begin = (id: string): Promise<void> => {
    const running = begun.get(id) ?? after(find(id).dependsOn.map(begin), () => work(id));
    begun.set(id, running);
    return running;
  };
  return ids.map(begin);
}

/**
 * Sees to it that there is an order. What others depend on may be missing: it was removed, and may come again.
 *
 * @throws {TypeError} when one of `dependsOn` is missing, or depends on `id` in turn.
 */
export function assertOrder(
  { id, dependsOn }: Ordered & { readonly id: string },
  find: (id: string) => Ordered | undefined,
): void {
  const seen = new Set<string>();
  const visit = (other: string): void => {
    if (other === id) throw new TypeError(`"${id}" cannot depend on a channel that depends on it`);
    if (seen.has(other)) return;
    seen.add(other);
    find(other)?.dependsOn.forEach(visit);
  };
  dependsOn.forEach(visit);
  const missing = dependsOn.find((other) => find(other) === undefined);
  if (missing !== undefined) throw new TypeError(`There is no channel "${missing}"`);
}

/** The same in reverse: those that nobody depends on first. */
export function inReverse(
  ids: readonly string[],
  find: (id: string) => Ordered,
  work: Work,
): Promise<void>[] {
  const dependents = (id: string): string[] =>
    ids.filter((other) => find(other).dependsOn.includes(id));
  const before = new Map(ids.map((id) => [id, dependents(id)]));
  return inOrder(ids, (id) => ({ dependsOn: before.get(id) ?? [] }), work);
}

/**
 * Tells how starting several went.
 *
 * @throws the failure, or an `AggregateError` of all that differ: what depends on a channel that failed fails with its
 * error.
 */
export function throwFailures(results: readonly PromiseSettledResult<void>[]): void {
  const errors = results.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const different = [...new Set(errors)];
  if (different.length === 1) throw different[0];
  if (different.length > 1) {
    throw new AggregateError(different, `${errors.length} channels did not start`);
  }
}

/** Where there is nothing to wait for, it begins in this very step. */
async function after(others: readonly Promise<void>[], work: () => Promise<void>): Promise<void> {
  if (others.length > 0) await Promise.all(others);
  return work();
}
