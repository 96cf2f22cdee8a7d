import { isRecord } from '../base/json.ts';
import { CodecError } from './codec-error.ts';
import type { SluiceEvent } from './event.ts';
import { missingField } from './event-shape.ts';
import { parseJson } from './parse-json.ts';
import type { EngineSnapshot, PoolSnapshot } from './snapshot.ts';

/** The version of the language of events and snapshots: the major part tells breaks, the minor one additions. */
export const CODEC_VERSION = '1.0';

/** The first line of a recording. */
export interface RecordingHeader {
  /** Marks the file, and the version of its layout: lines of JSON, this header, a snapshot, then events. */
  readonly sluice: 1;
  readonly codec: string;
  readonly epoch: string;
  /** When the recording began, in epoch milliseconds. */
  readonly at: number;
}

/** One line of a recording. */
export type RecordingLine =
  | { readonly kind: 'header'; readonly header: RecordingHeader }
  | { readonly kind: 'snapshot'; readonly snapshot: EngineSnapshot }
  | { readonly kind: 'event'; readonly event: SluiceEvent };

/** The longest event or header that is read, in UTF-16 units. */
const MAX_EVENT_LENGTH = 1_048_576;

/** The longest snapshot that is read, in UTF-16 units. */
const MAX_SNAPSHOT_LENGTH = 67_108_864;

/** Writes an event as one line of JSON, without the line's end. */
export function encodeEvent(event: SluiceEvent): string {
  return JSON.stringify(event);
}

/**
 * Reads an event that `encodeEvent` wrote. An event of a type unknown to this version is kept as it is.
 *
 * @throws {CodecError} when the text is no event.
 */
export function decodeEvent(text: string): SluiceEvent {
  return parseEvent(parseJson(text, MAX_EVENT_LENGTH));
}

/** Writes a snapshot as one line of JSON, without the line's end. */
export function encodeSnapshot(snapshot: EngineSnapshot): string {
  return JSON.stringify(snapshot);
}

/**
 * Reads a snapshot that `encodeSnapshot` wrote.
 *
 * @throws {CodecError} when the text is no snapshot, or one of another major version.
 */
export function decodeSnapshot(text: string): EngineSnapshot {
  return parseSnapshot(parseJson(text, MAX_SNAPSHOT_LENGTH));
}

/** Writes the first line of a recording. `codec` is this version's. */
export function encodeHeader({ epoch, at }: Pick<RecordingHeader, 'epoch' | 'at'>): string {
  return JSON.stringify({ sluice: 1, codec: CODEC_VERSION, epoch, at });
}

/**
 * Reads the first line of a recording.
 *
 * @throws {CodecError} when the text is no header, or one of another major version.
 */
export function decodeHeader(text: string): RecordingHeader {
  return parseHeader(parseJson(text, MAX_EVENT_LENGTH));
}

/**
 * Reads one line of a recording, whichever it is.
 *
 * @throws {CodecError} when the line is none, or of another major version.
 */
export function decodeLine(line: string): RecordingLine {
  const value = parseJson(line, MAX_SNAPSHOT_LENGTH);
  if (isRecord(value) && 'sluice' in value) return { kind: 'header', header: parseHeader(value) };
  if (isRecord(value) && 'type' in value) return { kind: 'event', event: parseEvent(value) };
  return { kind: 'snapshot', snapshot: parseSnapshot(value) };
}

/**
 * Reads an event from parsed JSON, such as a message of another tab.
 *
 * @throws {CodecError} when it is no event: a field is missing or of another type.
 */
export function parseEvent(value: unknown): SluiceEvent {
  const isStamped = isRecord(value) && isPosition(value) && typeof value['type'] === 'string';
  if (!isStamped) throw new CodecError('CODEC_MALFORMED', 'An event lacks its stamp or its type');
  const missing = missingField(value);
  if (missing === undefined) return value as unknown as SluiceEvent; // every field was checked
  const type = JSON.stringify(value['type']).slice(0, 100);
  throw new CodecError('CODEC_MALFORMED', `An event of type ${type} has no right "${missing}"`);
}

/**
 * Reads a snapshot from parsed JSON, such as a message of another tab.
 *
 * @throws {CodecError} when it is no snapshot, or one of another major version.
 */
export function parseSnapshot(value: unknown): EngineSnapshot {
  if (!isRecord(value) || !isPosition(value)) {
    throw new CodecError('CODEC_MALFORMED', 'A snapshot lacks its epoch, its seq or its time');
  }
  checkVersion(value['codec']);
  const isWhole =
    LISTS.every((list) => isListOfRecords(value[list])) &&
    Array.isArray(value['capabilities']) &&
    isRecord(value['counters']) &&
    (value['pools'] as readonly unknown[]).every(isPool);
  if (!isWhole) throw new CodecError('CODEC_MALFORMED', 'A snapshot lacks one of its parts');
  return value as unknown as EngineSnapshot; // its parts were checked as far as a fold looks into them
}

const LISTS = ['pools', 'targets', 'channels', 'runs', 'routes', 'faults'] as const;

function parseHeader(value: unknown): RecordingHeader {
  if (!isRecord(value) || value['sluice'] !== 1) {
    throw new CodecError('CODEC_MALFORMED', 'This is no recording of Sluice');
  }
  checkVersion(value['codec']);
  const { codec, epoch, at } = value;
  if (typeof codec !== 'string' || typeof epoch !== 'string' || !isTime(at)) {
    throw new CodecError('CODEC_MALFORMED', 'The header of a recording lacks its epoch or time');
  }
  return { sluice: 1, codec, epoch, at };
}

function checkVersion(version: unknown): void {
  const major = typeof version === 'string' ? /^(\d{1,6})\.\d{1,6}$/.exec(version)?.[1] : undefined;
  if (major === undefined) throw new CodecError('CODEC_MALFORMED', 'The codec version is missing');
  if (major === CODEC_VERSION.split('.')[0]) return;
  throw new CodecError(
    'CODEC_VERSION',
    `This was written in version ${String(version)} of the codec, and ${CODEC_VERSION} reads it`,
  );
}

function isPosition(value: Readonly<Record<string, unknown>>): boolean {
  const { epoch, seq, at } = value;
  return typeof epoch === 'string' && Number.isSafeInteger(seq) && Number(seq) >= 0 && isTime(at);
}

function isTime(at: unknown): at is number {
  return typeof at === 'number' && Number.isFinite(at);
}

function isPool(value: unknown): value is PoolSnapshot {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    isRecord(value['stats']) &&
    isRecord(value['options']) &&
    isListOfRecords(value['slots']) &&
    isListOfRecords(value['waiters'])
  );
}

function isListOfRecords(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRecord);
}
