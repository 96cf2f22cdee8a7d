import type { Json } from '@sluice/core';

/** Why a text was refused before or while it was parsed. */
export type JsonRefusal =
  | 'not-utf8'
  | 'not-json'
  | 'too-deep'
  | 'too-many-values'
  | 'too-many-keys'
  | 'number-too-long'
  | 'forbidden-key';

/** A parsed value, or why there is none. */
export type JsonResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly refusal: JsonRefusal };

// Measured on Node 22: a 2 MB text of depth 1e6 takes JSON.parse 1.2 s, and JSON.stringify of depth 1e4 overflows the
// stack. So a linear scan judges the shape before anything is built.
const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;
const MAX_KEYS = 1_000;
const MAX_NUMBER_LENGTH = 32;
const FORBIDDEN_KEY = /^(?:__proto__|constructor|prototype)$/;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Parses bytes from a stranger: strict UTF-8, at most 32 levels, 10,000 values, 1,000 keys an object, 32 characters a
 * number, and no key that names a prototype. Half a surrogate pair becomes U+FFFD.
 */
export function parseUntrustedJson(bytes: Uint8Array): JsonResult {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refused('not-utf8');
  }
  return parseUntrustedText(text);
}

/** The same for a text that was decoded already, such as a WebSocket's text frame. */
export function parseUntrustedText(text: string): JsonResult {
  const refusal = refusalOfShape(text);
  if (refusal !== undefined) return refused(refusal);
  try {
    let hasForbiddenKey = false;
    const value = JSON.parse(text, (key: string, member: Json): Json => {
      if (FORBIDDEN_KEY.test(key)) hasForbiddenKey = true; // also when it was written with escapes
      return typeof member === 'string' ? wellFormed(member) : member;
    }) as Json;
    return hasForbiddenKey ? refused('forbidden-key') : { ok: true, value };
  } catch {
    return refused('not-json');
  }
}

/** Counts structure outside strings, in one pass. What is no JSON at all is left to the parser. */
function refusalOfShape(text: string): JsonRefusal | undefined {
  const keys: number[] = []; // one entry a level: colons seen there
  let values = 1;
  let isFresh = false; // just behind an opening bracket: what follows is its first value, or its end
  let numberLength = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (isInString) {
      if (unit === 0x5c) i += 1; // a backslash: whatever follows is no end of the string
      else if (unit === 0x22) isInString = false;
      continue;
    }
    if (isBlank(unit)) {
      numberLength = 0;
      continue;
    }
    numberLength = isNumberPart(unit) ? numberLength + 1 : 0;
    if (numberLength > MAX_NUMBER_LENGTH) return 'number-too-long';
    if (isFresh && !isClosing(unit)) values += 1;
    isFresh = false;
    switch (unit) {
      case 0x22: // "
        isInString = true;
        break;
      case 0x7b: // {
      case 0x5b: // [
        keys.push(0);
        isFresh = true;
        if (keys.length > MAX_DEPTH) return 'too-deep';
        break;
      case 0x7d: // }
      case 0x5d: // ]
        keys.pop();
        break;
      case 0x2c: // ,
        values += 1;
        break;
      case 0x3a: // :
        keys.push((keys.pop() ?? 0) + 1);
        if ((keys.at(-1) ?? 0) > MAX_KEYS) return 'too-many-keys';
        break;
    }
    if (values > MAX_VALUES) return 'too-many-values';
  }
  return undefined;
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

function isClosing(unit: number): boolean {
  return unit === 0x5d || unit === 0x7d;
}

/** Digits, signs, the point and the exponent. The letter e also stands in `true` and `false`, which are short. */
function isNumberPart(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x2b ||
    unit === 0x2d ||
    unit === 0x2e ||
    unit === 0x45 ||
    unit === 0x65
  );
}

/** Half a surrogate pair breaks encoders further down: it becomes U+FFFD, as it would in UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function refused(refusal: JsonRefusal): JsonResult {
  return { ok: false, refusal };
}
