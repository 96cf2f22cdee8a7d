import { CodecError } from './codec-error.ts';

/** How deep what is read may nest. Events and snapshots stay under 10. */
const MAX_DEPTH = 32;

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Parses text from outside, bounded in length and in depth. The depth is counted first: a million brackets take over a
 * second to parse, and what is nested deeply breaks whoever writes it again.
 *
 * @throws {CodecError} when the text is too long, nests too deeply, is no JSON, or has a key named `__proto__`.
 */
export function parseJson(text: string, maxLength: number): unknown {
  if (text.length > maxLength) {
    throw new CodecError('CODEC_MALFORMED', `What was read is longer than ${maxLength} characters`);
  }
  if (nestsDeeperThan(MAX_DEPTH, text)) {
    throw new CodecError('CODEC_MALFORMED', `What was read nests deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(text, refuseProto);
  } catch (error) {
    if (CodecError.is(error)) throw error;
    throw new CodecError('CODEC_MALFORMED', 'What was read is not JSON'); // the parser's message quotes it
  }
}

/** As an own field it is harmless, until somebody assigns the fields of the object to another one. */
function refuseProto(key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new CodecError('CODEC_MALFORMED', 'What was read has a key named __proto__');
}

function nestsDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) isString = !isString;
    else if (!isString) depth += depthChange(unit);
    else if (unit === BACKSLASH) i += 1; // the next one is escaped, a quote too
    if (depth > limit) return true;
  }
  return false;
}

function depthChange(unit: number): number {
  if (unit === 91 || unit === 123) return 1; // [ {
  return unit === 93 || unit === 125 ? -1 : 0; // ] }
}
