import { arrayAt, isRecord, textAt } from '../transport/json.ts';

/** A value that grows: text in pieces, joined once, at the end; an object or a list as its fields come. */
type Growing =
  | { readonly kind: 'text'; readonly pieces: string[] }
  | {
      readonly kind: 'branch';
      readonly isList: boolean;
      readonly fields: Map<string | number, Growing>;
    }
  | { readonly kind: 'plain'; readonly value: unknown };

/** How deep arguments may nest, as for JSON that comes whole. */
const MAX_DEPTH = 128;
/** How many items a list may have: a path may name any place in it, a model's mistake included. */
const MAX_ITEMS = 10_000;

/**
 * The arguments of a call that come field by field, as `{jsonPath: '$.items[0].name', stringValue: 'Os'}`: texts append,
 * everything else is set. Linear in what comes; what makes no sense is left out.
 */
export class PartialArgs {
  readonly #root = branch(false);

  /** Takes the next fields, as `partialArgs` holds them. */
  add(call: Readonly<Record<string, unknown>>): void {
    for (const piece of arrayAt(call, 'partialArgs')) {
      if (!isRecord(piece)) continue;
      const path = parsePath(textAt(piece, 'jsonPath') ?? '');
      if (path !== undefined) set(this.#root, path, piece);
    }
  }

  /** The arguments so far. */
  value(): Readonly<Record<string, unknown>> {
    return valueOf(this.#root) as Readonly<Record<string, unknown>>; // the root is an object
  }
}

type Path = readonly [string | number, ...(string | number)[]];

/** Reads `$.a.b[0]['c']`. `undefined` for what is no such path. */
function parsePath(text: string): Path | undefined {
  const step = /\.([^.[\]]+)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]/y;
  const path: (string | number)[] = [];
  if (!text.startsWith('$')) return undefined;
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const [, field, index, single, double] = step.exec(text) ?? [];
    const name = field ?? single ?? double;
    if (name === undefined && index === undefined) return undefined;
    path.push(name ?? Number(index));
    if (path.length > MAX_DEPTH) return undefined;
  }
  const [first, ...rest] = path;
  return first === undefined ? undefined : [first, ...rest];
}

function set(
  root: Extract<Growing, { kind: 'branch' }>,
  path: Path,
  piece: Readonly<Record<string, unknown>>,
): void {
  let at = root;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    const next = at.fields.get(key) ?? branch(typeof path[depth + 1] === 'number');
    if (next.kind !== 'branch' || !fits(at, key)) return;
    at.fields.set(key, next);
    at = next;
  }
  const key = path.at(-1) ?? '';
  if (!fits(at, key)) return;
  const { stringValue } = piece;
  const known = at.fields.get(key);
  if (typeof stringValue === 'string') {
    if (known?.kind === 'text') known.pieces.push(stringValue);
    else at.fields.set(key, { kind: 'text', pieces: [stringValue] });
    return;
  }
  const value = plainValue(piece);
  if (value !== undefined) at.fields.set(key, { kind: 'plain', value });
}

function plainValue(piece: Readonly<Record<string, unknown>>): unknown {
  if (typeof piece['numberValue'] === 'number') return piece['numberValue'];
  if (typeof piece['boolValue'] === 'boolean') return piece['boolValue'];
  return 'nullValue' in piece ? null : undefined;
}

function fits({ isList }: Extract<Growing, { kind: 'branch' }>, key: string | number): boolean {
  return isList ? typeof key === 'number' && key < MAX_ITEMS : typeof key === 'string';
}

function branch(isList: boolean): Extract<Growing, { kind: 'branch' }> {
  return { kind: 'branch', isList, fields: new Map() };
}

function valueOf(growing: Growing): unknown {
  switch (growing.kind) {
    case 'text':
      return growing.pieces.join('');
    case 'plain':
      return growing.value;
    case 'branch': {
      const entries = Array.from(growing.fields, ([key, value]) => [key, valueOf(value)] as const);
      if (!growing.isList) return Object.fromEntries(entries);
      // In their order, without the holes that a list may have for want of a piece.
      return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
    }
  }
}
