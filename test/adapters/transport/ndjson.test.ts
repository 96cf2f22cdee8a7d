import { ProviderError, seededRandom } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBytes } from '../../../packages/adapters/src/mock/physics.ts';
import { failWith } from '../../../packages/adapters/src/transport/failure.ts';
import { createLineReader } from '../../../packages/adapters/src/transport/ndjson.ts';
import { cutEvery } from '../../support/decoding.ts';

const fail = failWith({ provider: 'ollama', redact: (text) => text });

function linesIn(pieces: Iterable<Uint8Array>): readonly string[] {
  const lines: string[] = [];
  const reader = createLineReader({ onEvent: (_, data) => lines.push(data), fail });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return lines;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('a stream of lines', () => {
  it.each<[string, string, readonly string[]]>([
    ['LF', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['CRLF', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['no line end at the end', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['empty lines', '\n\n{"a":1}\n \n', ['{"a":1}']],
    ['a mark of byte order', '\uFEFF{"a":1}\n', ['{"a":1}']],
    ['characters of several bytes', '{"a":"Schleuse 🌊"}\n', ['{"a":"Schleuse 🌊"}']],
    ['nothing', '', []],
  ])('with %s is read, byte by byte too', (_, text, lines) => {
    expect(linesIn([bytesOf(text)])).toEqual(lines);
    expect(linesIn(cutEvery(bytesOf(text), 1))).toEqual(lines);
  });

  it('is the same lines, whatever it is cut into', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.nat(), (lines, seed) => {
        const bytes = bytesOf(lines.map((line) => `${line}\n`).join(''));

        expect(linesIn(cutBytes(bytes, 'random', seededRandom(seed)))).toEqual(linesIn([bytes]));
      }),
    );
  });

  it('is refused when a line has no end, before it fills the memory', () => {
    const reader = createLineReader({ onEvent: () => undefined, fail });
    const piece = bytesOf('a'.repeat(65_536));
    let pushed = 0;

    const push = (): void => {
      for (; pushed < 1_000; pushed += 1) reader.push(piece);
    };

    expect(push).toThrow(ProviderError);
    expect(pushed).toBe(64); // 4 Mi units are 64 pieces; the next one is too much
  });
});
