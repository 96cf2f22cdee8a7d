import { importsOf, resolveRelative } from './syntax.ts';
import type { SourceFile } from './source-files.ts';

/** Names every group of files that import each other's values in a circle; type imports are free to. */
export function cycleFindings(files: readonly SourceFile[]): readonly string[] {
  const graph = valueGraph(files);
  return components(graph)
    .filter(
      (group) => group.length > 1 || graph.get(group[0] ?? '')?.includes(group[0] ?? '') === true,
    )
    .map((group) => `import cycle: ${group.toSorted().join(' ↔ ')}`);
}

type Graph = ReadonlyMap<string, readonly string[]>;

function valueGraph(files: readonly SourceFile[]): Graph {
  return new Map(files.map((file) => [file.path, valueTargets(file)]));
}

function valueTargets(file: SourceFile): readonly string[] {
  return importsOf(file)
    .filter((edge) => !edge.typeOnly)
    .map((edge) => resolveRelative(file.path, edge.specifier))
    .filter((target) => target !== undefined);
}

/** Tarjan's strongly connected components: one walk, each file once. */
function components(graph: Graph): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];

  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.size - 1);
    open.push(path);
    for (const target of graph.get(path) ?? []) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) {
        lowest.set(path, Math.min(lowest.get(path) ?? 0, lowest.get(target) ?? 0));
      }
    }
    if (lowest.get(path) === order.get(path)) found.push(open.splice(open.indexOf(path)));
  };

  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return found;
}
