import type { CompletionChunk } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { resolveAccount } from '../../../packages/adapters/src/transport/account.ts';
import { createClient } from '../../../packages/adapters/src/transport/client.ts';
import type { Decoder } from '../../../packages/adapters/src/transport/decode.ts';
import type { Family } from '../../../packages/adapters/src/transport/family.ts';
import { createLineReader } from '../../../packages/adapters/src/transport/ndjson.ts';
import { aContext, answering, type Read, read, REQUEST, textIn } from '../../support/decoding.ts';

/** A wire on which each line is a text, and `.` the end. */
const family: Family = {
  framing: createLineReader,
  encode: () => ({ path: 'ask', body: {} }),
  createDecoder: ({ fail }) => new LineDecoder(() => fail?.('truncated', 'It ended early')),
  readRequestId: () => undefined,
  readRateLimits: () => undefined,
};

class LineDecoder implements Decoder<CompletionChunk> {
  isDone = false;
  readonly #truncated: () => Error | undefined;

  constructor(truncated: () => Error | undefined) {
    this.#truncated = truncated;
  }

  event(_: string, data: string, sink: (chunk: CompletionChunk) => void): void {
    this.isDone = data === '.';
    if (!this.isDone) sink({ type: 'text', index: 0, delta: data });
  }

  end(): void {
    if (!this.isDone) throw this.#truncated() ?? new Error('No error was made');
  }
}

function readAnswer(
  pieces: readonly string[] | ReadableStream<Uint8Array>,
  contentType: string,
): Promise<Read> {
  const headers = { 'content-type': contentType };
  const fetch =
    pieces instanceof ReadableStream
      ? () => Promise.resolve(new Response(pieces, { headers }))
      : answering(pieces, { headers });
  const options = { model: 'm', baseUrl: 'http://127.0.0.1:1', fetch, clock: new VirtualClock() };
  const account = resolveAccount(options, { name: 'acme', baseUrl: 'https://acme.example' });
  return read(createClient(account, family).stream(REQUEST, aContext()));
}

/** So many mebibytes in which nothing is said, and how many of them were asked for. */
function blankLines(mebibytes: number, pulled: { mebibytes: number }): ReadableStream<Uint8Array> {
  const line = new Uint8Array(1_048_576).fill(0x20);
  line[0] = 0x0a;
  const pull = (controller: ReadableStreamDefaultController): void => {
    pulled.mebibytes += 1;
    if (pulled.mebibytes > mebibytes) controller.close();
    else controller.enqueue(line);
  };
  return new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
}

describe('an answer', () => {
  it.each([
    'application/x-ndjson',
    'application/jsonl; charset=utf-8',
    'text/event-stream;charset=UTF-8',
    'text/plain',
    'application/octet-stream',
    '',
  ])('of type "%s" is read as events', async (type) => {
    const { chunks, thrown } = await readAnswer(['a\n', 'b\n.\n'], type);

    expect(thrown).toBeUndefined();
    expect(textIn(chunks)).toBe('ab');
  });

  it.each([
    ['text/html; charset=utf-8', 'an HTML page'],
    ['image/png', 'image/png'],
    ['application/xml', 'application/xml'],
  ])('of type "%s" is malformed, and says what it is', async (type, words) => {
    const { chunks, thrown } = await readAnswer(['a\n.\n'], type);

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect(String(thrown)).toContain(words);
  });

  it('of plain text with nothing in it is malformed', async () => {
    const { thrown } = await readAnswer([], 'text/plain');

    expect(thrown).toMatchObject({ kind: 'malformed' });
  });

  it('of events with nothing in it is truncated', async () => {
    const { thrown } = await readAnswer([], 'application/x-ndjson');

    expect(thrown).toMatchObject({ kind: 'truncated' });
  });

  it.each(['application/json', 'application/problem+json; charset=utf-8'])(
    'of type "%s" is one event, whatever lines it has',
    async (type) => {
      const { chunks } = await readAnswer(['{\n  "a": ', '1\n}'], type);

      expect(textIn(chunks)).toBe('{\n  "a": 1\n}');
    },
  );

  it('of events is read no further than 50 MiB', async () => {
    const pulled = { mebibytes: 0 };

    const { thrown } = await readAnswer(blankLines(100, pulled), 'application/x-ndjson');

    expect(thrown).toMatchObject({ kind: 'malformed' });
    expect(pulled.mebibytes).toBe(51);
  });

  it('of JSON is read no further than 10 MiB', async () => {
    const mebibyte = ' '.repeat(1_048_576);

    const whole = await readAnswer(
      Array.from({ length: 9 }, () => mebibyte),
      'application/json',
    );
    const { thrown } = await readAnswer(
      Array.from({ length: 11 }, () => mebibyte),
      'application/json',
    );

    expect(whole.chunks).toHaveLength(1);
    expect(thrown).toMatchObject({ kind: 'malformed' });
  });
});
