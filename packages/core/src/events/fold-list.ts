/** Replaces the items that match, or takes them out where `change` gives nothing. The list itself when none matches. */
export function changeWhere<T>(
  list: readonly T[],
  matches: (item: T) => boolean,
  change: (item: T) => T | undefined,
): readonly T[] {
  if (!list.some(matches)) return list;
  return list.flatMap((item) => {
    if (!matches(item)) return [item];
    const next = change(item);
    return next === undefined ? [] : [next];
  });
}
