import type { Rolldown } from 'vite';

/**
 * Puts all that an entry imports, and what that imports, into one file. Left alone the bundler parts it by who else uses
 * it: more files, and larger together.
 */
export function firstViewGroup(entry: string): Rolldown.CodeSplittingGroup {
  let reached: ReadonlySet<string> | undefined;
  return {
    name(id, context) {
      reached ??= reachedFrom(entry, context);
      return reached.has(id) ? 'first-view' : null;
    },
  };
}

function reachedFrom(entry: string, context: Rolldown.ChunkingContext): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [entry];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...(context.getModuleInfo(id)?.importedIds ?? []));
  }
  if (reached.size === 1) throw new Error(`${entry} imports nothing: is that the entry?`);
  return reached;
}
