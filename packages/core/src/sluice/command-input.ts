import { isRecord } from '../base/json.ts';
import type { SluiceCommand } from '../events/command.ts';
import { redactShapes } from '../events/secret-shape.ts';

/** What events say of a command, whatever came in: cut, and without what is shaped like a secret. */
export interface CommandLabel {
  readonly command: string;
  readonly commandType: string;
  readonly subject: string;
  readonly by: string;
}

/** A command from outside, read once. */
export type ParsedCommand =
  | { readonly kind: 'valid'; readonly label: CommandLabel; readonly command: SluiceCommand }
  | { readonly kind: 'invalid'; readonly label: CommandLabel; readonly reason: string };

/** Says what is wrong with a field, or nothing. */
type FieldCheck = (value: unknown) => string | undefined;

type CommandType = SluiceCommand['type'];

/** The longest text that a command may carry, in UTF-16 units. */
const MAX_TEXT = 200;
/** The longest that anything asked for may last: ten minutes. */
const MAX_MS = 600_000;
/** More clients than any account allows. */
const MAX_SIZE = 10_000;
const MAX_EVERY = 1_000_000;

const pool = { pool: text };
const target = { target: text };
const channel = { channel: text };

const FIELDS: Readonly<Record<CommandType, Readonly<Record<string, FieldCheck>>>> = {
  'pool.drain': { ...pool, deadlineMs: integer(0, MAX_MS) },
  'pool.resize': { ...pool, maxSize: integer(1, MAX_SIZE) },
  'pool.suspend': pool,
  'pool.resume': pool,
  'lease.revoke': { ...pool, lease: integer(0, Number.MAX_SAFE_INTEGER) },
  'target.trip': target,
  'target.reset': target,
  'target.probe': target,
  'channel.restart': channel,
  'channel.pause': channel,
  'channel.resume': channel,
  'channel.stop': channel,
  'fault.add': {
    pool: optional(text),
    target: optional(text),
    kind: oneOf('latency', 'status', 'cut', 'stall'),
    every: integer(1, MAX_EVERY),
    value: optional(integer(0, MAX_MS)),
    forMs: integer(1, MAX_MS),
  },
  'fault.remove': { fault: text },
};

/**
 * Reads a command that came from anywhere. The result has the fields of its type and no others. Never throws.
 */
export function parseCommand(input: unknown): ParsedCommand {
  const fields: Readonly<Record<string, unknown>> = isRecord(input) ? input : {};
  const label = labelOf(fields);
  const type = fields['type'];
  if (!isCommandType(type)) return { kind: 'invalid', label, reason: 'type is unknown' };
  const checks: Readonly<Record<string, FieldCheck>> = { id: text, by: text, ...FIELDS[type] };
  for (const [name, check] of Object.entries(checks)) {
    const mistake = check(ownField(fields, name));
    if (mistake !== undefined) return { kind: 'invalid', label, reason: `${name} ${mistake}` };
  }
  const known = Object.keys(checks).filter((name) => ownField(fields, name) !== undefined);
  const command: unknown = Object.fromEntries([
    ['type', type],
    ...known.map((name) => [name, fields[name]]),
  ]);
  return { kind: 'valid', label, command: command as SluiceCommand }; // each field was checked above
}

function isCommandType(type: unknown): type is CommandType {
  return typeof type === 'string' && Object.hasOwn(FIELDS, type);
}

/** What a command concerns: the first of these that it names. */
const SUBJECTS: readonly string[] = ['channel', 'target', 'fault', 'pool'];

function labelOf(fields: Readonly<Record<string, unknown>>): CommandLabel {
  const subject = SUBJECTS.find((name) => typeof ownField(fields, name) === 'string');
  return {
    command: shown(ownField(fields, 'id')),
    commandType: shown(ownField(fields, 'type')),
    subject: subject === undefined ? '' : shown(fields[subject]),
    by: shown(ownField(fields, 'by')),
  };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? redactShapes(value.slice(0, MAX_TEXT)) : '';
}

function ownField(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return undefined;
  return `must be a text of 1 to ${MAX_TEXT} characters`;
}

function integer(min: number, max: number): FieldCheck {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`;
}

function oneOf(...values: readonly string[]): FieldCheck {
  return (value) =>
    values.includes(value as string) ? undefined : `must be one of ${values.join(', ')}`;
}

function optional(check: FieldCheck): FieldCheck {
  return (value) => (value === undefined ? undefined : check(value));
}
