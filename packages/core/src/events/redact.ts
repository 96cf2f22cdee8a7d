import { isSluiceError, type SluiceError, toError } from '../base/errors.ts';
import { base32 } from '../base/id.ts';
import { withoutUndefined } from '../base/json.ts';
import { Secret } from '../base/secret.ts';
import type { EventError } from './event.ts';
import { REDACTED, redactShapes } from './secret-shape.ts';
import { valueRedactor } from './secret-value.ts';

/** Takes secrets out of a text. Text without any comes back as it is. */
export type Redactor = (text: string) => string;

/** What a redactor knows beside the shapes of keys and tokens. */
export interface RedactorOptions {
  /** Values that must not be seen. Those under 8 characters are not looked for. Default: none. */
  readonly secrets?: Iterable<string | Secret> | undefined;
}

/** The longest message of an error in an event, in UTF-16 units. */
const MAX_MESSAGE = 500;

/** The longest name or code of an error in an event, in UTF-16 units. */
const MAX_NAME = 100;

/** How much of an error's message is read at all. */
const MAX_READ = 20_000;

/** How deep a value is looked into; what lies deeper is replaced whole. */
const MAX_DEPTH = 32;

/** What is read of an error. Unknown, because anybody's class can be thrown. */
interface Shown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly providerCode?: unknown;
}

/**
 * Makes the last filter that text passes before it leaves the process: given values in all forms in which they travel,
 * then whatever is shaped like a key, a token, a header with credentials or the secret parts of a URL.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const values = Array.from(options.secrets ?? [], (secret) =>
    secret instanceof Secret ? secret.unwrap() : secret,
  );
  const redactValues = valueRedactor(values);
  return (text) => redactShapes(redactValues(text));
}

/** Copies plain JSON with every string in it, keys included, redacted. */
export function redactJson<T>(value: T, redact: Redactor): T {
  return redacted(value, redact, 0) as T; // the same shape: only strings change
}

/**
 * Describes an error as events show it: no stack, no cause, no secret, the message cut at 500 characters. Whatever was
 * thrown, this does not throw. An error that is not of Sluice has the code `UNKNOWN`.
 */
export function toEventError(error: unknown, redact: Redactor = redactShapes): EventError {
  try {
    return describe(error, redact);
  } catch {
    // A getter or a conversion of the error's own threw.
    return { name: 'Error', code: 'UNKNOWN', message: 'An error that cannot be read' };
  }
}

/**
 * Shortens an identity to 12 characters that are the same for the same `text` and `salt`. Draw the salt once a process:
 * then readers of events can tell people apart but not recognise them. Not cryptographic: who knows the salt can
 * try identities.
 */
export function hashIdentity(text: string, salt: string): string {
  // Two lanes of 32 bits, mixed as murmur3 does at the end (cyrb53 by bryc, public domain).
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  const salted = `${salt.length}:${salt}${text}`;
  for (let i = 0; i < salted.length; i += 1) {
    const unit = salted.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  return base32(mixed(high, low), mixed(low, high));
}

function mixed(lane: number, other: number): number {
  const half = Math.imul(lane ^ (lane >>> 16), 2_246_822_507);
  return (half ^ Math.imul(other ^ (other >>> 13), 3_266_489_909)) >>> 0;
}

/** A provider may quote the prompt in what it answers: of its errors events tell who failed and how, in our own words. */
function told(error: SluiceError): string {
  if (!error.code.startsWith('PROVIDER_') || !('kind' in error) || !('provider' in error)) {
    return error.message;
  }
  const status = 'status' in error && typeof error.status === 'number' ? ` ${error.status}` : '';
  return `${String(error.provider)} failed:${status} ${String(error.kind)}`;
}

function describe(thrown: unknown, redact: Redactor): EventError {
  const isKnown = isSluiceError(thrown); // asked first: it may come from another realm
  const error: Shown = isKnown ? thrown : toError(thrown);
  const { status, providerCode } = isKnown ? error : {};
  return withoutUndefined({
    name: redact(String(error.name)).slice(0, MAX_NAME),
    code: isKnown ? redact(thrown.code).slice(0, MAX_NAME) : 'UNKNOWN',
    message: redact(readable(isKnown ? told(thrown) : String(error.message))).slice(0, MAX_MESSAGE),
    providerCode:
      typeof providerCode === 'string' ? redact(providerCode).slice(0, MAX_NAME) : undefined,
    status: typeof status === 'number' && Number.isInteger(status) ? status : undefined,
  });
}

/** Bounds the work. The word at the cut goes: it could be the recognisable half of a secret. */
function readable(message: string): string {
  if (message.length <= MAX_READ) return message;
  const head = message.slice(0, MAX_READ);
  return head.slice(0, Math.max(0, head.lastIndexOf(' ')));
}

function redacted(value: unknown, redact: Redactor, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redacted(item, redact, depth + 1));
  // fromEntries defines fields, so that a key named __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [redact(key), redacted(field, redact, depth + 1)]),
  );
}
