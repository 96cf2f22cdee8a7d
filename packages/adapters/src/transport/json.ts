/** How deep JSON from outside may nest. Deeper values parse, but break whoever serialises them later. */
const MAX_DEPTH = 128;

/** The fields of parsed JSON from outside. Nothing is known of their types. */
export type Fields = Readonly<Record<string, unknown>>;

/** Tells whether a parsed value is an object with named fields: not null, not an array. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a field that should be a string that is not empty; anything else is `undefined`. */
export function textAt(record: Fields, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads a field that should be an object; anything else is `undefined`. */
export function recordAt(record: Fields, key: string): Fields | undefined {
  const value = record[key];
  return isRecord(value) ? value : undefined;
}

/** Reads a field that should be an array; anything else is empty. */
export function arrayAt(record: Fields, key: string): readonly unknown[] {
  const value: unknown = record[key];
  return Array.isArray(value) ? value : [];
}

/** Reads a field that should be a count: a finite number, at least 0; anything else is `undefined`. */
export function countAt(record: Fields, key: string): number | undefined {
  const value = record[key];
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined;
}

/**
 * Parses JSON that came from outside.
 *
 * @throws {SyntaxError} when it is no JSON, or nests deeper than 128 levels.
 */
export function parseJson(text: string): unknown {
  // Each level needs two brackets, so that a short text, which nearly all are, needs no look at its depth.
  if (text.length > MAX_DEPTH * 2 && opensOften(text) && isTooDeep(text)) {
    throw new SyntaxError(`JSON nested deeper than ${MAX_DEPTH} levels`);
  }
  return JSON.parse(text);
}

/** Parses a JSON object that came from outside. What is none, or nests deeper than 128 levels, is `undefined`. */
export function parseFields(text: string): Fields | undefined {
  try {
    const value = parseJson(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // the parser's message quotes what it read, and that is people's content
  }
}

/** Tells whether there are brackets enough to be too deep: a search for each is far faster than a look at every character. */
function opensOften(text: string): boolean {
  let opened = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      opened += 1;
      if (opened > MAX_DEPTH) return true;
    }
  }
  return false;
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isInString) {
      if (unit === BACKSLASH) at += 1;
      else if (unit === QUOTE) isInString = false;
    } else if (unit === QUOTE) isInString = true;
    else if (unit === OPEN_BRACKET || unit === OPEN_BRACE) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (unit === CLOSE_BRACKET || unit === CLOSE_BRACE) depth -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
