import { type ImportEdge, importsOf, resolveRelative } from './syntax.ts';
import type { SourceFile } from './source-files.ts';

/** What the files of one folder of a package may import. */
export interface FolderRule {
  /** Folders whose values it may import, beside its own. */
  readonly values: readonly string[];
  /** Folders of which it may import types alone. */
  readonly types?: readonly string[];
  /** Packages that it may import; `rxjs#Observable` allows that value and all types. */
  readonly packages: readonly string[];
}

/** The rules of one package, by the first folder below `src`. `''` stands for the files of `src` itself. */
export type PackageRules = Readonly<Record<string, FolderRule>>;

const vocabulary = ['base', 'message', 'resilience', 'events'];
const mechanisms = ['pool', 'channel', 'routing', 'tool', 'store'];

/** Rank by rank: a folder imports lower ranks, and never another folder of its own rank. */
const core: PackageRules = {
  base: { values: [], packages: ['rxjs'] },

  message: { values: ['base'], packages: ['rxjs#Observable'] },
  resilience: { values: ['base'], packages: ['rxjs'] },

  events: { values: ['base'], types: ['message'], packages: [] }, // plain data: for the dashboard

  // It pools anything. `from` reads whatever the work of `stream` returns: a promise, an iterable, an Observable.
  pool: { values: ['base', 'events'], packages: ['rxjs#Observable', 'rxjs#from'] },
  channel: { values: vocabulary, packages: ['rxjs'] },
  routing: { values: ['base', 'message'], packages: [] }, // pure: no timers, promises or streams
  tool: { values: ['base', 'message'], packages: ['rxjs'] },
  store: { values: ['base', 'message'], packages: ['rxjs'] },

  client: { values: [...vocabulary, 'pool'], packages: ['rxjs'] },

  runtime: {
    values: [...vocabulary, 'client', 'tool', 'store'],
    packages: ['rxjs'],
  },

  sluice: { values: [...vocabulary, ...mechanisms, 'client', 'runtime'], packages: ['rxjs'] },

  // Nothing in src imports it.
  testing: { values: [...vocabulary, ...mechanisms, 'client', 'runtime'], packages: ['rxjs'] },

  // index.ts, the table of contents
  '': { values: [...vocabulary, ...mechanisms, 'client', 'runtime', 'sluice'], packages: [] },
};

const coreEntry = ['@sluice/core', '@sluice/core/events'];
const transportOnly: FolderRule = { values: ['transport'], packages: [...coreEntry, 'rxjs'] };
const nodeBuiltins = 'node:*';

/** Adapters never import each other; each may use `transport/` and core. */
const adapters: PackageRules = {
  transport: { values: [], packages: [...coreEntry, 'rxjs', 'ky', 'eventsource-parser'] },
  openai: transportOnly,
  anthropic: transportOnly,
  gemini: transportOnly,
  ollama: transportOnly,
  'url-policy': transportOnly,
  websocket: transportOnly,
  gateway: transportOnly,
  'gateway/node': {
    values: ['gateway', 'transport'],
    packages: [...coreEntry, 'rxjs', 'ws', nodeBuiltins],
  },
  discord: transportOnly,
  telegram: transportOnly,
  slack: transportOnly,
  broadcast: transportOnly,
  'message-port': transportOnly,
  indexeddb: transportOnly,
  redis: transportOnly,
  stdio: { values: ['transport'], packages: [...coreEntry, 'rxjs', nodeBuiltins] },
  file: { values: ['transport'], packages: [...coreEntry, 'rxjs', nodeBuiltins] },
  // The inverse of the decoders: it may know a provider's wire format, as types.
  mock: { values: ['transport'], types: ['*/wire'], packages: coreEntry },
  msw: { values: ['mock', 'transport'], packages: [...coreEntry, 'msw'] },
  'mock-server': { values: ['mock', 'transport'], packages: [...coreEntry, nodeBuiltins] },
};

const eventsEntry = ['@sluice/core/events'];

/** Data flows one way: sources, state, view, ui, element. Types pass freely. */
const dashboard: PackageRules = {
  '': { values: ['sources', 'state', 'view', 'ui', 'theme'], types: ['*'], packages: eventsEntry },
  sources: { values: [], types: ['*'], packages: eventsEntry },
  state: { values: ['sources'], types: ['*'], packages: eventsEntry },
  view: { values: ['sources', 'state'], types: ['*'], packages: [...eventsEntry, 'svelte'] },
  theme: { values: [], packages: [] },
  sample: { values: ['sources', 'state'], types: ['*'], packages: eventsEntry }, // a recording to play
  ui: {
    values: ['sources', 'sample', 'state', 'view', 'theme'],
    types: ['*'],
    packages: [...eventsEntry, 'svelte'],
  },
  element: {
    values: ['sources', 'state', 'view', 'ui', 'theme'],
    types: ['*'],
    packages: [...eventsEntry, 'svelte'],
  },
  devtools: { values: ['sources', 'state', 'element'], types: ['*'], packages: eventsEntry },
  server: { values: ['sources', 'state'], types: ['*'], packages: eventsEntry }, // reads and folds its engine
  'server/page': { values: ['element', 'sources'], packages: [] }, // runs in the browser that opens the server's link
  'server/node': {
    values: ['server', 'state'],
    types: ['*'],
    packages: [...eventsEntry, nodeBuiltins],
  },
};

/** The plan of every package, as data. */
export const importRules: Readonly<Record<string, PackageRules>> = {
  core,
  adapters,
  dashboard,
};

/** Names every import that goes up, sideways, or to a package that its folder may not know. */
export function importFindings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((edge) => {
      const problem = problemOf(file.path, edge);
      return problem === undefined ? [] : [`${file.path}: ${problem}`];
    }),
  );
}

function problemOf(path: string, edge: ImportEdge): string | undefined {
  const from = placeIn(path);
  if (from === undefined) return 'is outside the plan of the packages';
  const rule = importRules[from.packageName]?.[from.folder];
  if (rule === undefined) return `folder "${from.folder}" has no rule in import-rules.ts`;

  if (isWire(from.file)) return `imports ${edge.specifier}; a wire format imports nothing`;
  const target = resolveRelative(path, edge.specifier);
  if (target === undefined) return packageProblem(rule, edge);
  return folderProblem(rule, from, { edge, target });
}

function folderProblem(
  rule: FolderRule,
  from: Place,
  { edge, target }: { readonly edge: ImportEdge; readonly target: string },
): string | undefined {
  const to = placeIn(target);
  if (to === undefined || to.packageName !== from.packageName) {
    return `imports ${edge.specifier}, which leaves the package`;
  }
  if (/\.css(?:\?\w+)?$/.test(target)) return undefined;
  if (!/\.(?:ts|svelte)$/.test(target)) return `imports ${edge.specifier} without its extension`;
  if (from.folder === to.folder || rule.values.includes(to.folder)) return undefined;
  if (edge.typeOnly && allowsTypes(rule, to)) return undefined;
  const what = edge.typeOnly ? 'types' : 'values';
  return `imports ${what} of "${to.folder}", which "${from.folder}" may not`;
}

function allowsTypes({ types = [] }: FolderRule, to: Place): boolean {
  return (
    types.includes('*') ||
    types.includes(to.folder) ||
    (types.includes('*/wire') && isWire(to.file))
  );
}

function packageProblem(rule: FolderRule, edge: ImportEdge): string | undefined {
  const covering = rule.packages.filter((entry) => covers(entry, edge.specifier));
  if (covering.length === 0) return `imports ${edge.specifier}, which its folder may not`;

  const only = covering.map((entry) => entry.split('#')[1]);
  if (only.includes(undefined)) return undefined;
  const surplus = edge.values.filter((name) => !only.includes(name));
  return surplus.length === 0
    ? undefined
    : `imports ${surplus.join(', ')} of ${edge.specifier}; its folder may import ${only.join(', ')}`;
}

/** An entry of a package stands for itself; `svelte` for its subpaths too, `node:*` for every builtin. */
function covers(entry: string, specifier: string): boolean {
  const [name = ''] = entry.split('#');
  if (name.endsWith('*')) return specifier.startsWith(name.slice(0, -1));
  if (name === 'svelte') return specifier === name || specifier.startsWith('svelte/');
  return specifier === name;
}

/** Where in the plan a file stands. */
interface Place {
  readonly packageName: string;
  readonly folder: string;
  readonly file: string;
}

function placeIn(path: string): Place | undefined {
  const match = /^packages\/(\w+)\/src\/(.+)$/.exec(path);
  if (match === null) return undefined;
  const [, packageName = '', inner = ''] = match;
  const folders = inner.split('/').slice(0, -1);
  const known = importRules[packageName] ?? {};
  const two = folders.slice(0, 2).join('/');
  return {
    packageName,
    folder: two in known ? two : (folders[0] ?? ''),
    file: inner.slice(inner.lastIndexOf('/') + 1),
  };
}

function isWire(file: string): boolean {
  return /^(?:.+-)?wire\.ts$/.test(file);
}
