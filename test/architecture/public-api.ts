import ts from 'typescript-6';
import { importsOf, parse, placeOf } from './syntax.ts';
import type { SourceFile } from './source-files.ts';

/** Lists what an entry exports, sorted, one line a name: `type Clock`, `value Pool`. */
export function publicNames(entry: SourceFile): readonly string[] {
  const lines = parse(entry).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reexported(statement);
    return isExported(statement)
      ? declaredNames(statement).map((name) => `${kindOf(statement)} ${name}`)
      : [];
  });
  return lines.toSorted(byName);
}

/** Names what the sources may not export: `*`, defaults, enums, undocumented things, a Subject in a type. */
export function exportFindings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const subjects = subjectsOf(file);
    return parse(file).statements.flatMap((statement) => findingsOf(statement, subjects));
  });
}

/** The names by which a file knows the Subjects of RxJS. */
function subjectsOf(file: SourceFile): readonly string[] {
  return importsOf(file)
    .filter(({ specifier }) => specifier === 'rxjs')
    .flatMap(({ names }) => names.filter((name) => name.endsWith('Subject')));
}

function findingsOf(statement: ts.Statement, subjects: readonly string[]): readonly string[] {
  const at = placeOf(statement);
  if (ts.isExportAssignment(statement)) return [`${at}: has a default export`];
  if (ts.isExportDeclaration(statement)) {
    return isStar(statement) ? [`${at}: exports *, so its names cannot be read`] : [];
  }
  if (!isExported(statement)) return [];

  const name = declaredNames(statement).join(', ');
  const problems: string[] = [];
  if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) problems.push('is a default export');
  if (ts.isEnumDeclaration(statement)) problems.push('is an enum');
  if (!isDocumented(statement)) problems.push('has no doc comment');
  if (shows(statement, subjects)) problems.push('shows a Subject, into which all could push');
  return problems.map((problem) => `${at}: ${name} ${problem}`);
}

function reexported(statement: ts.ExportDeclaration): readonly string[] {
  const clause = statement.exportClause;
  if (clause === undefined) return ['value *'];
  if (ts.isNamespaceExport(clause)) return [`value ${clause.name.text}`];
  return clause.elements.map((element) => {
    const isType = statement.isTypeOnly || element.isTypeOnly;
    return `${isType ? 'type' : 'value'} ${element.name.text}`;
  });
}

function isStar(statement: ts.ExportDeclaration): boolean {
  return statement.exportClause === undefined || ts.isNamespaceExport(statement.exportClause);
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const name = ts.isDeclarationStatement(statement) ? statement.name : undefined;
  return [name?.getText() ?? 'default'];
}

function kindOf(statement: ts.Statement): 'type' | 'value' {
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    ? 'type'
    : 'value';
}

/** The later signatures of an overload share the first one's comment. */
function isDocumented(statement: ts.Statement): boolean {
  if (hasDocComment(statement)) return true;
  if (!ts.isFunctionDeclaration(statement)) return false;
  const name = statement.name?.text;
  return statement
    .getSourceFile()
    .statements.some(
      (other) =>
        ts.isFunctionDeclaration(other) && other.name?.text === name && hasDocComment(other),
    );
}

function hasDocComment(statement: ts.Statement): boolean {
  return ts.getJSDocCommentsAndTags(statement).length > 0;
}

/** Looks through the types that a reader of the declaration sees, not through bodies and private members. */
function shows(declaration: ts.Node, typeNames: readonly string[]): boolean {
  const visit = (node: ts.Node): boolean =>
    !isHidden(node) &&
    ((ts.isIdentifier(node) && typeNames.includes(node.text)) ||
      (ts.forEachChild(node, visit) ?? false));
  return typeNames.length > 0 && visit(declaration);
}

function isHidden(node: ts.Node): boolean {
  if (ts.isBlock(node) || isInitializer(node)) return true;
  if (hasModifier(node, ts.SyntaxKind.PrivateKeyword)) return true;
  return ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name);
}

function isInitializer(node: ts.Node): boolean {
  return ts.hasOnlyExpressionInitializer(node.parent) && node.parent.initializer === node;
}

function isExported(statement: ts.Statement): boolean {
  return hasModifier(statement, ts.SyntaxKind.ExportKeyword);
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}

function byName(a: string, b: string): number {
  const [nameA = '', nameB = ''] = [a.split(' ')[1], b.split(' ')[1]];
  return nameA < nameB ? -1 : Number(nameA > nameB);
}
