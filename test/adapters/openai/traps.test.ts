import { assistantMessage, type CompletionChunk } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { quirksOf } from '../../../packages/adapters/src/openai/quirks.ts';
import { encodeRequest } from '../../../packages/adapters/src/openai/request.ts';
import * as responses from './responses-support.ts';
import {
  aChunk,
  aClient,
  aContext,
  aFinish,
  answering,
  bodyOf,
  decode,
  doneOf,
  read,
  REQUEST,
  textIn,
} from './support.ts';

/** What is special about one of the two wires. */
interface Wire {
  readonly api: 'chat' | 'responses';
  /** A whole answer, "Grüße 🌊", as its server-sent events. */
  readonly answer: string;
  /** Its events without the one that ends it. */
  readonly begun: string;
  readonly error: string;
}

const CHAT: Wire = {
  api: 'chat',
  begun: sse([['', aChunk({ content: 'Grüße 🌊' })]]),
  answer: sse([
    ['', aChunk({ content: 'Grüße 🌊' })],
    ['', aFinish()],
  ]),
  error: sse([['', { error: { message: 'Overloaded', code: 'server_is_overloaded' } }]]),
};
const text = responses.aMessage(0, ['Grüße 🌊']) as readonly [string, object][];
const RESPONSES: Wire = {
  api: 'responses',
  begun: sse(text),
  answer: sse([...text, responses.completed() as [string, object]]),
  error: sse([['error', { type: 'error', error: { code: 'server_is_overloaded' } }]]),
};

function sse(events: readonly (readonly [string, object])[]): string {
  return events
    .map(
      ([name, data]) => `${name === '' ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`,
    )
    .join('');
}

describe.each([CHAT, RESPONSES])('the traps of $api', ({ api, answer, begun, error }) => {
  const readOf = (pieces: readonly (string | Uint8Array)[], init?: ResponseInit) =>
    read(aClient({ api, fetch: answering(pieces, init) }).stream(REQUEST, aContext()));

  it.each(['\r\n', '\r'])('1: line ends are %j', async (lineEnd) => {
    const { chunks, thrown } = await readOf([answer.replaceAll('\n', lineEnd)]);

    expect(thrown).toBeUndefined();
    expect(textIn(chunks)).toBe('Grüße 🌊');
  });

  it('2: the last event has no blank line after it', async () => {
    expect(textIn((await readOf([answer.trimEnd()])).chunks)).toBe('Grüße 🌊');
    expect((await readOf([answer.trimEnd()])).thrown).toBeUndefined();
  });

  it('3: UTF-8 is cut in mid-character', async () => {
    const bytes = new TextEncoder().encode(answer);

    const { chunks } = await readOf(Array.from(bytes, (byte) => Uint8Array.of(byte)));

    expect(textIn(chunks)).toBe('Grüße 🌊');
  });

  it('4: comments and pings only are no content, but alive', async () => {
    let alive = 0;
    const fetch = answering([': ping\n\n', ': ping\n\n']);

    const { chunks, thrown } = await read(
      aClient({ api, fetch }).stream(REQUEST, aContext({ onBytes: () => (alive += 1) })),
    );

    expect(chunks).toEqual([]);
    expect(alive).toBe(2);
    expect(thrown).toMatchObject({ kind: 'truncated' });
  });

  it('5: the end comes and the socket stays open', async () => {
    let isCancelled = false;
    const pieces = [`${answer}data: [DONE]\n\n`];
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const piece = pieces.shift();
        if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
        return piece === undefined ? new Promise(() => undefined) : undefined;
      },
      cancel: () => {
        isCancelled = true;
      },
    });

    const { thrown } = await read(
      aClient({ api, fetch: () => Promise.resolve(new Response(body)) }).stream(
        REQUEST,
        aContext(),
      ),
    );

    expect(thrown).toBeUndefined();
    expect(isCancelled).toBe(true);
  });

  it('6: the body ends before any terminal event: truncated, with what came handed out', async () => {
    const { chunks, thrown } = await readOf([begun]);

    expect(textIn(chunks)).toBe('Grüße 🌊');
    expect(thrown).toMatchObject({ kind: 'truncated' });
  });

  it('7: an error event comes first, with HTTP 200', async () => {
    expect((await readOf([error])).thrown).toMatchObject({ kind: 'overloaded' });
  });

  it('8: an error event comes after text', async () => {
    const { chunks, thrown } = await readOf([begun + error]);

    expect(textIn(chunks)).toBe('Grüße 🌊');
    expect(thrown).toMatchObject({ kind: 'overloaded' });
  });

  it('20: a retry-after on a 200 does nothing', async () => {
    const headers = { 'content-type': 'text/event-stream', 'retry-after': '61' };

    expect((await readOf([answer], { headers })).thrown).toBeUndefined();
  });

  it.each<[string, Record<string, string>, number]>([
    [
      '21: retry-after-ms is 0 beside retry-after 1',
      { 'retry-after-ms': '0', 'retry-after': '1' },
      1_000,
    ],
    ['21: retry-after-ms is more exact', { 'retry-after-ms': '1400', 'retry-after': '2' }, 1_400],
  ])('%s', async (_, headers, retryAfterMs) => {
    const { thrown } = await readOf(['{}'], { status: 429, headers });

    expect(thrown).toMatchObject({ kind: 'rate-limit', retryAfterMs });
  });

  it('23: the wait is 6m0s, in a sentence', async () => {
    const message = 'Rate limit reached. Please try again in 6m0s.';

    const { thrown } = await readOf([JSON.stringify({ error: { message } })], { status: 429 });

    expect(thrown).toMatchObject({ retryAfterMs: 360_000 });
  });

  it('24: 529 is retried', async () => {
    const { thrown } = await readOf(['{}'], { status: 529 });

    expect(thrown).toMatchObject({ kind: 'overloaded', retryable: true });
  });

  it('25: 200 with JSON for a streaming request is an answer, or an error', async () => {
    const headers = { 'content-type': 'application/json' };

    const refused = await readOf(['{"error":{"message":"No","code":"slow_down"}}'], { headers });

    expect(refused.thrown).toMatchObject({ kind: 'overloaded' });
  });

  it('26: in a browser no reset header can be read', async () => {
    let meta: unknown;
    const fetch = answering([answer]);

    await read(
      aClient({ api, fetch }).stream(REQUEST, aContext({ onMeta: (told) => (meta = told) })),
    );

    expect(meta).toEqual({ status: 200 });
  });

  it('28: it is aborted in mid-body', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const { signal } = abort;
    const stream = aClient({ api, fetch: answering([begun, '']) }).stream(REQUEST, { signal });

    const thrown = await read(leaving(stream, () => abort.abort(reason))).then((all) => all.thrown);

    expect(thrown).toBe(reason);
  });

  it('29: events of unknown types are ignored', async () => {
    const unknown = sse([['something.new', { type: 'something.new', delta: 'x', text: 'x' }]]);

    const { chunks, thrown } = await readOf([unknown + answer]);

    expect(thrown).toBeUndefined();
    expect(textIn(chunks)).toBe('Grüße 🌊');
  });

  it('30: no key is in the URL', async () => {
    let url = '';
    const fetch: typeof globalThis.fetch = (input) => {
      url = (input as Request).url;
      return Promise.resolve(new Response(bodyOf([answer])));
    };

    await read(aClient({ api, fetch }).stream(REQUEST, aContext()));

    expect(url).toMatch(/^https:\/\/api\.openai\.com\/v1\/(chat\/completions|responses)$/);
  });
});

describe('the traps of tool calls', () => {
  it('11: arguments that are an empty string are an empty input', () => {
    const call = { index: 0, id: 'a', function: { name: 'now', arguments: '' } };
    const item = { type: 'function_call', call_id: 'a', name: 'now', arguments: '' };

    const chat = decode([aChunk({ tool_calls: [call] }), aFinish('tool_calls')]);
    const other = responses.decode([responses.anItem('done', 0, item), responses.completed()]);

    for (const answer of [chat, other]) {
      expect(doneOf(answer).message.content).toMatchObject([{ call: { input: {} } }]);
    }
  });

  it('12: arguments that are no JSON are told as such, and the text is kept', () => {
    const call = { index: 0, id: 'a', function: { name: 'find', arguments: '{"q": Oslo' } };

    const chat = decode([aChunk({ content: 'Hm.', tool_calls: [call] }), aFinish('tool_calls')]);

    expect(doneOf(chat).message.content).toMatchObject([
      { type: 'text', text: 'Hm.' },
      { call: { input: '{"q": Oslo', inputError: 'The arguments are no valid JSON' } },
    ]);
  });
});

it('27: the details of reasoning make the round trip, unchanged', () => {
  const details = [
    { type: 'reasoning.text', text: 'Hm', signature: 'sig', index: 0 },
    { type: 'reasoning.encrypted', data: 'abc', index: 1 },
  ];
  const call = { index: 0, id: 'a', function: { name: 'now', arguments: '{}' } };
  const { message } = doneOf(
    decode([
      aChunk({ reasoning: 'Hm', reasoning_details: details }),
      aChunk({ tool_calls: [call] }),
      aFinish('tool_calls'),
    ]),
  );

  const body = encodeRequest(
    { messages: [assistantMessage(message.content)] },
    { model: 'm', provider: 'openai', quirks: quirksOf('openrouter') },
  );

  expect(body.messages).toMatchObject([{ reasoning: 'Hm', reasoning_details: details }]);
});

/** Hands a stream on, and does something once it has its first text. */
async function* leaving(
  stream: AsyncIterable<CompletionChunk>,
  leave: () => void,
): AsyncGenerator<CompletionChunk> {
  for await (const chunk of stream) {
    yield chunk;
    if (chunk.type === 'text') leave();
  }
}
