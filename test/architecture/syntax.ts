import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceFile } from './source-files.ts';

/** One import or re-export of a file. */
export interface ImportEdge {
  readonly specifier: string;
  /** Whether nothing of it is left at run time. `import { type X }` is left: as an import for its effects. */
  readonly typeOnly: boolean;
  /** The imported names; `*` for a namespace and for a dynamic import. */
  readonly names: readonly string[];
}

/** Parses a file. Of a Svelte component only the scripts, at their own lines. */
export function parse({ path, text }: SourceFile): ts.SourceFile {
  const script = path.endsWith('.svelte') ? scriptsOf(text) : text;
  return ts.createSourceFile(path, script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
}

/** Lists what a file imports and re-exports, dynamic imports and import types included. */
export function importsOf(file: SourceFile): readonly ImportEdge[] {
  const edges: ImportEdge[] = [];
  const visit = (node: ts.Node): void => {
    const edge = edgeOf(node);
    if (edge !== undefined) edges.push(edge);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return edges;
}

/** The path that a relative import names; `undefined` for a package. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** Where a node stands, as `path:line`. */
export function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${source.fileName}:${line + 1}`;
}

function edgeOf(node: ts.Node): ImportEdge | undefined {
  if (ts.isImportDeclaration(node)) {
    const clause = node.importClause;
    return {
      specifier: textOf(node.moduleSpecifier),
      typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      names: namesOf(clause),
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const { exportClause } = node;
    const names =
      exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
        : ['*'];
    return { specifier: textOf(node.moduleSpecifier), typeOnly: node.isTypeOnly, names };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), typeOnly: false, names: ['*'] };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), typeOnly: true, names: ['*'] };
  }
  return undefined;
}

function namesOf(clause: ts.ImportClause | undefined): readonly string[] {
  if (clause === undefined) return [];
  const { name, namedBindings } = clause;
  const own = name === undefined ? [] : ['default'];
  if (namedBindings === undefined) return own;
  if (ts.isNamespaceImport(namedBindings)) return [...own, '*'];
  return [
    ...own,
    ...namedBindings.elements.map((element) => (element.propertyName ?? element.name).text),
  ];
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : '(computed)';
}

/** Blanks everything but the scripts, so that lines keep their numbers. */
function scriptsOf(component: string): string {
  let kept = '';
  let end = 0;
  for (const match of component.matchAll(/(<script\b[^>]*>)([\s\S]*?)<\/script>/g)) {
    const [, tag = '', script = ''] = match;
    const start = match.index + tag.length;
    kept += blank(component.slice(end, start)) + script;
    end = start + script.length;
  }
  return kept + blank(component.slice(end));
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
