import { posix } from 'node:path';
import ts from 'typescript-6';
import type { SourceFile } from './source-files.ts';

/** One import or re-export of a file. */
export interface ImportEdge {
  readonly specifier: string;
  /** Whether nothing of it is left at run time. `import { type X }` is left: as an import for its effects. */
  readonly typeOnly: boolean;
  /** The imported names, types included; `*` for a namespace and for a dynamic import. */
  readonly names: readonly string[];
  /** Those of the names that are there at run time. */
  readonly values: readonly string[];
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
    const found = edgeOf(node);
    if (found !== undefined) edges.push(found);
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
    const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return edge(node.moduleSpecifier, typeOnly, importedNames(clause));
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const { exportClause } = node;
    const isList = exportClause !== undefined && ts.isNamedExports(exportClause);
    const names = isList ? exportClause.elements.map(elementName) : [everything];
    return edge(node.moduleSpecifier, node.isTypeOnly, names);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return edge(node.arguments[0], false, [everything]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return edge(node.argument.literal, true, [everything]);
  }
  return undefined;
}

/** A name in the braces of an import, and whether `type` stands before it. */
interface ImportedName {
  readonly name: string;
  readonly typeOnly: boolean;
}

const everything: ImportedName = { name: '*', typeOnly: false };

function edge(
  specifier: ts.Node | undefined,
  typeOnly: boolean,
  names: readonly ImportedName[],
): ImportEdge {
  const values = names.filter((name) => !typeOnly && !name.typeOnly);
  return {
    specifier: textOf(specifier),
    typeOnly,
    names: names.map(({ name }) => name),
    values: values.map(({ name }) => name),
  };
}

function importedNames(clause: ts.ImportClause | undefined): readonly ImportedName[] {
  if (clause === undefined) return [];
  const { name, namedBindings } = clause;
  const own = name === undefined ? [] : [{ name: 'default', typeOnly: false }];
  if (namedBindings === undefined) return own;
  if (ts.isNamespaceImport(namedBindings)) return [...own, everything];
  return [...own, ...namedBindings.elements.map(elementName)];
}

function elementName(element: ts.ImportSpecifier | ts.ExportSpecifier): ImportedName {
  return { name: (element.propertyName ?? element.name).text, typeOnly: element.isTypeOnly };
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
