import type { Json } from '@sluice/core';
import { isRecord, parseJson } from '../transport/json.ts';

/** One request and its answer, as they are kept: without keys. One line of a cassette. */
export interface Recording {
  /** Whose wire it is. */
  readonly dialect: string;
  /** Without the query, which may hold a key. */
  readonly path: string;
  readonly body: Json;
  readonly answer: RecordedAnswer;
}

/** An answer as it came. */
export interface RecordedAnswer {
  /** `0`: the connection broke before there was one. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What arrived at once, and how many milliseconds after what came before. */
  readonly pieces: readonly (readonly [delayMs: number, text: string])[];
  /** How the body ended: in good order, by a broken connection, or because the reader left. */
  readonly end: 'whole' | 'broken' | 'left';
}

/** The first line: what this is, and in which version. */
const HEADER = { sluice: 1, kind: 'cassette' };

/** Writes a cassette: lines of JSON. */
export function writeCassette(recordings: readonly Recording[]): string {
  return [HEADER, ...recordings].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * Reads a cassette.
 *
 * @throws {TypeError} that names the line which is none of a cassette's.
 */
export function readCassette(text: string): readonly Recording[] {
  const [header, ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const first = parsed(header ?? '');
  if (first?.['kind'] !== HEADER.kind || first['sluice'] !== HEADER.sluice) {
    throw new TypeError('This is no cassette: its first line does not say so');
  }
  return lines.map((line, at) => {
    const recording = parsed(line);
    if (recording === undefined || !isRecording(recording)) {
      throw new TypeError(`Line ${at + 2} of the cassette is no recording`);
    }
    return recording;
  });
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJson(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecording(line: unknown): line is Recording {
  if (!isRecord(line)) return false;
  const { dialect, path, answer } = line;
  if (typeof dialect !== 'string' || typeof path !== 'string' || !isRecord(answer)) return false;
  const { status, headers, pieces, end } = answer;
  const isEnd = end === 'whole' || end === 'broken' || end === 'left';
  return typeof status === 'number' && isRecord(headers) && isEnd && isPieces(pieces);
}

function isPieces(pieces: unknown): boolean {
  if (!Array.isArray(pieces)) return false;
  return pieces.every(
    (piece: unknown) =>
      Array.isArray(piece) && typeof piece[0] === 'number' && typeof piece[1] === 'string',
  );
}
