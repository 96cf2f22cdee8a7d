import ts from 'typescript-6';
import { parse, placeOf } from './syntax.ts';
import type { SourceFile } from './source-files.ts';

const network = [
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'BroadcastChannel',
  'Worker',
];
const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'];
const frames = ['requestAnimationFrame', 'requestIdleCallback'];
const node = ['process', 'Buffer', 'require'];
const page = ['window', 'document', 'navigator', 'self', 'location'];
const storage = ['localStorage', 'sessionStorage', 'indexedDB'];

/** Globals with effects: whoever needs one receives it as an option, so that tests decide. */
const forbidden = new Set([
  'console',
  'performance',
  ...network,
  ...timers,
  ...frames,
  ...node,
  ...page,
  ...storage,
]);

/** Members with effects of globals that are otherwise harmless. */
const forbiddenMembers: Readonly<Record<string, readonly string[]>> = {
  Math: ['random'],
  Date: ['now'],
  AbortSignal: ['timeout'],
};

/** The files that may: where time and chance enter, where the network is, and what runs in Node alone. */
const exempt =
  /^packages\/(?:core\/src\/base\/(?:clock|random)\.ts|adapters\/src\/(?:transport|gateway\/node|mock-server|stdio|file)\/)/;

/** Names every use of a forbidden global in core and adapters. Types, members and local names are not uses. */
export function globalFindings(files: readonly SourceFile[]): readonly string[] {
  const checked = files.filter(
    ({ path }) => /^packages\/(?:core|adapters)\/src\/.*\.ts$/.test(path) && !exempt.test(path),
  );
  const program = programOf(checked);
  const checker = program.getTypeChecker();

  return checked.flatMap(({ path }) => {
    const source = program.getSourceFile(path);
    return source === undefined ? [] : usesIn(source, checker);
  });
}

function usesIn(source: ts.SourceFile, checker: ts.TypeChecker): readonly string[] {
  const findings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return; // `typeof fetch` as a type touches nothing
    if (ts.isIdentifier(node) && isGlobalReference(node, checker)) {
      const use = forbiddenUse(node);
      if (use !== undefined) findings.push(`${placeOf(node)}: uses the global ${use}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function forbiddenUse(node: ts.Identifier): string | undefined {
  if (forbidden.has(node.text)) return node.text;

  const member = memberOf(node);
  if (node.text === 'globalThis') {
    return member === undefined || forbidden.has(member)
      ? ['globalThis', member].filter((part) => part !== undefined).join('.')
      : undefined;
  }
  if (node.text === 'Date' && readsTheWallClock(node)) return 'Date';
  return member !== undefined && forbiddenMembers[node.text]?.includes(member) === true
    ? `${node.text}.${member}`
    : undefined;
}

/** `new Date()` and `Date()` read the clock; `new Date(ms)` only formats. */
function readsTheWallClock(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) === 0;
  return ts.isCallExpression(parent) && parent.expression === node;
}

/** The member that is read of a global, or `undefined` where the global itself is passed on. */
function memberOf(node: ts.Identifier): string | undefined {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  return ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)
    ? parent.argumentExpression.text
    : undefined;
}

/** A name in a value's place that nothing in the file declares, `declare` aside. */
function isGlobalReference(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  return declarations.every((declaration) => isAmbient(declaration) && declaration !== parent);
}

function isAmbient(node: ts.Node): boolean {
  const isDeclared =
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true;
  return isDeclared || (!ts.isSourceFile(node) && isAmbient(node.parent));
}

/** Without a library and without resolution, a name that has no symbol is a global's. */
function programOf(files: readonly SourceFile[]): ts.Program {
  const sources = new Map(files.map((file) => [file.path, parse(file)]));
  const host: ts.CompilerHost = {
    getSourceFile: (path) => sources.get(path),
    getDefaultLibFileName: () => 'lib.d.ts',
    writeFile: () => undefined,
    getCurrentDirectory: () => '',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (path) => sources.has(path),
    readFile: () => undefined,
  };
  const options: ts.CompilerOptions = { noLib: true, noResolve: true, types: [] };
  return ts.createProgram({ rootNames: [...sources.keys()], options, host });
}
