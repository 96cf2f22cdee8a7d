import { PassThrough, Readable, Writable } from 'node:stream';
import { jsonLinesChannel, terminalChannel } from '@sluice/adapters/stdio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../packages/adapters/src/stdio/line-reader.ts';
import { runs } from '../../support/tier.ts';

const never = new AbortController().signal;

describe('the lines of a stream', () => {
  it('are the same wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).map(withoutBreaks)),
        fc.array(fc.nat(7)),
        fc.boolean(),
        async (lines, cuts, hasReturns) => {
          const bytes = Buffer.from(
            lines.map((line) => line + (hasReturns ? '\r\n' : '\n')).join(''),
          );

          const read = await allOf(new LineReader(Readable.from(chunksOf(bytes, cuts)), 1_000));

          expect(read).toEqual(lines);
        },
      ),
      { numRuns: runs(300, 5_000) },
    );
  });

  it('are read on behind one that is too long, of which nothing is kept', async () => {
    const input = new PassThrough();
    const reader = new LineReader(input, 10);
    input.write(`one\n${'x'.repeat(8)}`);
    const first = await textOf(reader);
    input.write('x'.repeat(100));

    const problem = await reader.next(never).catch((error: unknown) => error);
    input.write(`${'x'.repeat(100)}\ntwo\n`);

    expect(first).toBe('one');
    expect(problem).toMatchObject({ code: 'CHANNEL_BAD_FRAME', reason: 'too-long' });
    expect(await textOf(reader)).toBe('two');
  });

  it('may be just as long as the bound', async () => {
    const reader = new LineReader(Readable.from([Buffer.from('1234567890\n12345678901\nend')]), 10);

    expect(await textOf(reader)).toBe('1234567890');
    await expect(reader.next(never)).rejects.toMatchObject({ reason: 'too-long' });
    expect(await textOf(reader)).toBe('end');
    expect(await reader.next(never)).toBeNull();
  });

  it('are not read before they are asked for', async () => {
    let made = 0;
    const input = new Readable({
      highWaterMark: 1,
      read() {
        made += 1;
        this.push(`${made}\n`);
      },
    });
    const reader = new LineReader(input, 100);

    await textOf(reader);
    await new Promise((resolve) => setImmediate(resolve));

    expect(made).toBeLessThan(5);
    input.destroy();
  });

  it('are all there after a wait that was aborted', async () => {
    const input = new PassThrough();
    const reader = new LineReader(input, 100);
    const gaveUp = new AbortController();
    const waiting = reader.next(gaveUp.signal);

    gaveUp.abort('enough');

    await expect(waiting).rejects.toBe('enough');
    input.end('one\ntwo');
    expect(await allOf(reader)).toEqual(['one', 'two']);
    expect(input.listenerCount('readable')).toBe(0);
  });

  it('are given back for another reader, half a line too', async () => {
    const input = new PassThrough();
    const reader = new LineReader(input, 100);
    input.write('one\ntwo\nthr');
    const first = await textOf(reader);

    reader.release();
    input.end('ee\n');

    expect(first).toBe('one');
    expect(await allOf(new LineReader(input, 100))).toEqual(['two', 'three']);
  });

  it('end with the error of the stream', async () => {
    const input = new PassThrough();
    const reading = new LineReader(input, 100).next(never);

    input.destroy(new Error('The cable was pulled'));

    await expect(reading).rejects.toThrow('The cable was pulled');
  });
});

function withoutBreaks(text: string): string {
  return text.replace(/[\r\n]/g, '');
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const cut of cuts) {
    if (cut === 0 || at >= bytes.length) continue;
    chunks.push(bytes.subarray(at, at + cut));
    at += cut;
  }
  if (at < bytes.length) chunks.push(bytes.subarray(at));
  return chunks;
}

async function textOf(reader: LineReader): Promise<string | undefined> {
  return (await reader.next(never))?.toString();
}

async function allOf(reader: LineReader): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await reader.next(never);
    if (line === null) return lines;
    lines.push(line.toString());
  }
}

describe('a channel over streams', () => {
  const input = new Readable();
  const output = new Writable();

  it.each([
    ['input', { input: 3, output }, 'input must be a readable stream'],
    ['input', { input: new Writable(), output }, 'input must be a readable stream'],
    ['output', { input, output: null }, 'output must be a writable stream'],
    ['output', { input, output: {} }, 'output must be a writable stream'],
  ])('says that its %s is no stream', (_, options, message) => {
    for (const channel of [jsonLinesChannel, terminalChannel]) {
      expect(() => channel(options as never)).toThrow(new TypeError(message));
    }
  });
});
