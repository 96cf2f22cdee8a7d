import { REDACTED } from './secret-shape.ts';

/** The shortest value, or piece of one, that is looked for: shorter ones would shred ordinary text. */
export const MIN_SECRET_LENGTH = 8;

/**
 * Makes a function that takes given values out of a text: plain, URL-encoded, in base64 at any offset, in hexadecimal
 * and escaped for JSON, the longest first. A piece of 8 characters or more that the beginning or the end of the text
 * cuts off goes too.
 */
export function valueRedactor(values: Iterable<string>): (text: string) => string {
  const forms = [...new Set([...values].flatMap(formsOf))]
    .filter((form) => form.length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map(escaped).join('|'), 'g');
  return (text) => {
    if (text.length < MIN_SECRET_LENGTH) return text;
    return forms.reduce(withoutCutForm, text.replace(pattern, REDACTED));
  };
}

/** The forms in which a value travels, and those in which these travel in JSON and in URLs. */
function formsOf(value: string): readonly string[] {
  if (value.length < MIN_SECRET_LENGTH) return [];
  const bytes = new TextEncoder().encode(value);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const once = [value, hex, hex.toUpperCase(), ...base64Forms(bytes)];
  const escapedOnce = once.map(jsonEscaped);
  return [...once, ...once.flatMap(urlEncoded), ...escapedOnce, ...escapedOnce.map(jsonEscaped)];
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function urlEncoded(text: string): readonly string[] {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
  const lower = encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  return [encoded, lower, encoded.replaceAll('%20', '+')];
}

/**
 * Base64 turns 3 bytes into 4 characters, so a value looks different at each of 3 offsets (in `user:key`, for
 * example). What depends on its neighbours, a character at either end, is left out.
 */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join(''));
    const ownBits = padded.length * 8;
    const own = text.slice(Math.ceil((offset * 8) / 6), Math.floor(ownBits / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Takes out the head of a form where it ends the text, and the tail of a form where it begins the text. */
function withoutCutForm(text: string, form: string): string {
  const head = cutHead(text, form);
  const rest = head === undefined ? text : text.slice(0, head) + REDACTED;
  const tail = cutTail(rest, form);
  return tail === undefined ? rest : REDACTED + rest.slice(tail);
}

/** Where a head of the form begins that reaches to the end of the text. */
function cutHead(text: string, form: string): number | undefined {
  const needle = form.slice(0, MIN_SECRET_LENGTH);
  let at = text.indexOf(needle, Math.max(0, text.length - form.length));
  while (at >= 0) {
    if (form.startsWith(text.slice(at))) return at;
    at = text.indexOf(needle, at + 1);
  }
  return undefined;
}

/** Where a tail of the form ends that reaches from the beginning of the text. */
function cutTail(text: string, form: string): number | undefined {
  const needle = form.slice(-MIN_SECRET_LENGTH);
  const head = text.slice(0, form.length);
  let at = head.lastIndexOf(needle);
  while (at >= 0) {
    const end = at + MIN_SECRET_LENGTH;
    if (form.endsWith(head.slice(0, end))) return end;
    at = at === 0 ? -1 : head.lastIndexOf(needle, at - 1);
  }
  return undefined;
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
