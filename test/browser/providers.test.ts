import { anthropic } from '@sluice/adapters/anthropic';
import { gemini } from '@sluice/adapters/gemini';
import { llm, type LlmMock, type MockDialect, type Reply } from '@sluice/adapters/msw';
import { ollama } from '@sluice/adapters/ollama';
import { type AccountOptions, openai } from '@sluice/adapters/openai';
import { ClientPool, type CompletionChunk, type Provider, userMessage } from '@sluice/core';
import { setupWorker } from 'msw/browser';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const KEY = 'sk-test-0123456789abcdef';
const REQUEST = { messages: [userMessage('What is a sluice?')] };

interface Family {
  readonly name: string;
  readonly make: (options: AccountOptions) => Provider;
  readonly mock: MockDialect;
  /** A base URL that is not on this very machine. */
  readonly elsewhere: string;
}

const FAMILIES: readonly Family[] = [
  { name: 'openai', make: openai, mock: llm.openai, elsewhere: 'https://api.openai.com/v1' },
  {
    name: 'openai by Responses',
    make: (options) => openai({ ...options, api: 'responses' }),
    mock: llm.responses,
    elsewhere: 'https://api.openai.com/v1',
  },
  {
    name: 'anthropic',
    make: anthropic,
    mock: llm.anthropic,
    elsewhere: 'https://api.anthropic.com',
  },
  {
    name: 'gemini',
    make: gemini,
    mock: llm.gemini,
    elsewhere: 'https://generativelanguage.googleapis.com/v1beta',
  },
  { name: 'ollama', make: ollama, mock: llm.ollama, elsewhere: 'https://ollama.com' },
];

const worker = setupWorker();
const pools: ClientPool[] = [];

beforeAll(async () => {
  await worker.start({ quiet: true, onUnhandledFrame: 'bypass' });
  // The worker keeps a copy of every answer that is no event stream: until that is dropped too, nobody tells the mock that
  // the page has left.
  worker.events.on('response:mocked', ({ response }) => void response.body?.cancel());
});

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  worker.resetHandlers();
});

afterAll(() => worker.stop());

interface InThePage {
  readonly pool: ClientPool;
  readonly mock: LlmMock;
  /** The URLs that were asked. */
  readonly urls: readonly string[];
}

/** A pool of one provider, whose network plays this reply. */
function inThePage({ make, mock: mockOf, elsewhere }: Family, reply: Reply): InThePage {
  const mock = mockOf(reply, { baseUrl: elsewhere });
  // The workspace has two copies of MSW's types, one for each TypeScript that is about.
  worker.use(...(mock.handlers as unknown as Parameters<typeof worker.use>));
  const urls: string[] = [];
  const provider = make({
    apiKey: KEY,
    model: 'model-x',
    baseUrl: elsewhere,
    dangerouslyAllowBrowser: true,
    fetch: (input, init) => {
      urls.push((input as Request).url); // as `ky` calls it
      return fetch(input, init);
    },
  });
  const pool = new ClientPool({ providers: { main: { provider, minIdle: 0 } } });
  pools.push(pool);
  return { pool, mock, urls };
}

describe.each(FAMILIES)('$name in a page', (family) => {
  it('streams thinking, text and a tool call', async () => {
    const { pool, mock, urls } = inThePage(family, {
      thinking: ['Let me', ' see'],
      text: ['A gate', ' for ', 'water 🌊'],
      toolCalls: [{ name: 'open_gate', input: { percent: 40 } }],
      framing: { cut: 7 },
    });

    const chunks: CompletionChunk[] = [];
    for await (const chunk of pool.stream(REQUEST)) chunks.push(chunk);

    expect(joined(chunks, 'thinking')).toBe('Let me see');
    expect(joined(chunks, 'text')).toBe('A gate for water 🌊');
    expect(chunks.filter(({ type }) => type === 'text')).toHaveLength(3);
    expect(chunks.find(({ type }) => type === 'tool')).toMatchObject({
      call: { name: 'open_gate', input: { percent: 40 } },
    });
    expect(chunks.at(-1)).toMatchObject({ type: 'done', finish: { reason: 'tool-calls' } });
    expect(mock.journal.questions[0]?.text).toBe('What is a sluice?');
    expect(urls.filter((url) => url.includes(KEY))).toEqual([]);
  });

  it('aborts the request when the page is no longer interested', async () => {
    const { pool, mock } = inThePage(family, { text: ['one'], fault: { kind: 'stall' } });
    const controller = new AbortController();
    const reason = new Error('navigated away');
    const stream = pool.stream(REQUEST, { signal: controller.signal });

    const reading = (async (): Promise<void> => {
      for await (const chunk of stream) if (chunk.type === 'text') controller.abort(reason);
    })();

    await expect(reading).rejects.toBe(reason);
    await mock.journal.whenAborted(1);
    mock.journal.expectIdle();
    expect(stream.partial?.text).toBe('one');
    expect(stream.usage?.estimated).toBe(true);
  });

  it('aborts the request when the reader leaves', async () => {
    const { pool, mock } = inThePage(family, { text: ['one'], fault: { kind: 'stall' } });

    for await (const chunk of pool.stream(REQUEST)) if (chunk.type === 'text') break;

    await mock.journal.whenAborted(1);
    mock.journal.expectIdle();
  });

  it('tells failures by the same words as anywhere', async () => {
    const refused = inThePage(family, { fault: { kind: 'status', status: 401 } });
    await expect(refused.pool.complete(REQUEST)).rejects.toMatchObject({
      kind: 'auth',
      status: 401,
    });

    const broken = inThePage(family, { fault: { kind: 'refuse' } });
    await expect(broken.pool.complete(REQUEST)).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('CORS') as unknown,
    });
  });

  it('keeps what came before an answer was cut', async () => {
    const { pool } = inThePage(family, { text: ['Half'], fault: { kind: 'cut' } });

    await expect(pool.complete(REQUEST)).rejects.toMatchObject({
      kind: 'truncated',
      partial: { text: 'Half' },
    });
  });

  it('refuses a key unless it is allowed knowingly, and takes tokens', () => {
    const { make, elsewhere } = family;
    const account = { model: 'model-x', baseUrl: elsewhere };

    expect(() => make({ ...account, apiKey: KEY })).toThrow('dangerouslyAllowBrowser');
    expect(() => make({ ...account, headers: { 'api-key': KEY } })).toThrow('getToken');
    expect(make({ ...account, getToken: () => 'short-lived' }).name).toBe(
      family.name.split(' ')[0],
    );
    expect(make({ ...account, apiKey: KEY, baseUrl: 'http://127.0.0.1:8080' })).toBeDefined();
  });
});

function joined(chunks: readonly CompletionChunk[], type: 'text' | 'thinking'): string {
  return chunks.map((chunk) => (chunk.type === type ? chunk.delta : '')).join('');
}
