import { ProviderError } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failWith } from '../../../packages/adapters/src/transport/failure.ts';
import { createSseReader } from '../../../packages/adapters/src/transport/sse.ts';
import { cutEvery } from '../../support/decoding.ts';

type Event = readonly [name: string, data: string];

const fail = failWith({ provider: 'openai', redact: (text) => text });

function eventsIn(pieces: Iterable<Uint8Array>): readonly Event[] {
  const events: Event[] = [];
  const reader = createSseReader({ onEvent: (name, data) => events.push([name, data]), fail });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return events;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('a stream of events', () => {
  it.each<[string, string, readonly Event[]]>([
    [
      'LF',
      'data: a\n\ndata: b\n\n',
      [
        ['', 'a'],
        ['', 'b'],
      ],
    ],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        ['', 'a'],
        ['', 'b'],
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\r\r',
      [
        ['', 'a'],
        ['', 'b'],
      ],
    ],
    ['no blank line at the end', 'data: a\n', [['', 'a']]],
    ['no line end at the end', 'data: a', [['', 'a']]],
    ['a mark of byte order', '\uFEFFdata: a\n\n', [['', 'a']]],
    ['names', 'event: error\ndata: a\n\n', [['error', 'a']]],
    ['data in several lines', 'data: a\ndata: b\n\n', [['', 'a\nb']]],
    ['no space after the colon', 'data:a\n\n', [['', 'a']]],
    ['comments between', ': ping\n\ndata: a\n: pong\n\n', [['', 'a']]],
    ['fields nobody knows', 'x: 1\nid: 2\nretry: 3\ndata: a\n\n', [['', 'a']]],
    ['nothing', '', []],
    [
      'an error as bare JSON alone',
      '[{"error": {\n  "code": 429\n}}]\n',
      [['', '[{"error": {\n  "code": 429\n}}]']],
    ],
    [
      'an error as bare JSON after events',
      'data: a\r\n\r\ndata: b\r\n{"error":1}\r\n',
      [
        ['', 'a'],
        ['', 'b'],
        ['', '{"error":1}'],
      ],
    ],
  ])('with %s is read', (_, text, events) => {
    expect(eventsIn([bytesOf(text)])).toEqual(events);
    expect(eventsIn(cutEvery(bytesOf(text), 1))).toEqual(events);
  });

  it('is the same, wherever the network cuts it, inside characters too', () => {
    const aLine = fc.constantFrom(
      'data: öffnet 🌊',
      'data',
      'event: x',
      ': ping',
      '',
      'data:\u{1F469}',
    );
    const aText = fc
      .array(fc.tuple(aLine, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
      .map((lines) => lines.flat().join(''));

    fc.assert(
      fc.property(aText, fc.array(fc.nat({ max: 7 })), (text, lengths) => {
        const bytes = bytesOf(text);
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const length of lengths) {
          pieces.push(bytes.subarray(at, at + length));
          at += length;
        }
        pieces.push(bytes.subarray(at));

        expect(eventsIn(pieces)).toEqual(eventsIn([bytes]));
      }),
    );
  });

  it('with bytes that are no UTF-8 is read as far as it can be', () => {
    const bytes = Uint8Array.of(...bytesOf('data: a'), 0xff, 0xfe, ...bytesOf('\n\n'));

    expect(eventsIn([bytes])).toEqual([['', 'a\uFFFD\uFFFD']]);
  });
});

describe('a bound', () => {
  const line = 'x'.repeat(1_048_570);

  it('lets a line of a million characters through', () => {
    expect(eventsIn([bytesOf(`data: ${line}\n\n`)])).toEqual([['', line]]);
  });

  it.each([
    ['in one piece', [`data: ${line}x\n\n`]],
    ['in pieces', ['data: ', line.slice(0, 600_000), line.slice(0, 600_000)]],
    ['in a comment', [': ', line, line]],
    ['in a field nobody knows', ['x'.repeat(2_000_000)]],
  ])('refuses a longer line %s', (_, pieces) => {
    expect(() => eventsIn(pieces.map(bytesOf))).toThrow(ProviderError);
    expect(() => eventsIn(pieces.map(bytesOf))).toThrow('line');
  });

  it('refuses an event of lines without an end', () => {
    const lines = Array.from({ length: 9 }, () => bytesOf(`data: ${line.slice(0, 500_000)}\n`));

    expect(() => eventsIn(lines)).toThrow('event');
  });

  it('measures each line alone', () => {
    const many = bytesOf('data: 0123456789\n\n'.repeat(100_000));

    expect(eventsIn([many])).toHaveLength(100_000);
  });

  it('measures lines that end with a carriage return from the last one on', () => {
    const half = 'x'.repeat(600_000);
    const pieces = [`data: a\rdata: ${half}\r: `, half, half.slice(0, 400_000), '\r\r'];

    expect(eventsIn(pieces.map(bytesOf))).toEqual([['', `a\n${half}`]]);
    expect(() => eventsIn([`data: a\r: ${half}`, half].map(bytesOf))).toThrow('line');
  });
});
