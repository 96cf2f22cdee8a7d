import { llm, type LlmMock, type Reply } from '@sluice/adapters/msw';
import { openai } from '@sluice/adapters/openai';
import { ClientPool, type CompletionChunk, userMessage } from '@sluice/core';
import { setupWorker } from 'msw/browser';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const KEY = 'sk-test-0123456789abcdef';
const REQUEST = { messages: [userMessage('What is a sluice?')] };

const worker = setupWorker();
const pools: ClientPool[] = [];

beforeAll(async () => {
  await worker.start({ quiet: true, onUnhandledFrame: 'bypass' });
});

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  worker.resetHandlers();
});

afterAll(() => worker.stop());

/** A pool of one provider, whose network plays this reply. */
function aPool(reply: Reply): { readonly pool: ClientPool; readonly mock: LlmMock } {
  const mock = llm.openai(reply);
  // The workspace has two copies of MSW's types, one for each TypeScript that is about.
  worker.use(...(mock.handlers as unknown as Parameters<typeof worker.use>));
  const provider = openai({ apiKey: KEY, model: 'gpt-x', dangerouslyAllowBrowser: true });
  const pool = new ClientPool({ providers: { main: { provider, minIdle: 0 } } });
  pools.push(pool);
  return { pool, mock };
}

it('streams an answer in the page', async () => {
  const { pool, mock } = aPool({ text: ['A gate', ' for ', 'water 🌊'], framing: { cut: 7 } });

  const chunks: CompletionChunk[] = [];
  for await (const chunk of pool.stream(REQUEST)) chunks.push(chunk);

  const text = chunks.map((chunk) => (chunk.type === 'text' ? chunk.delta : '')).join('');
  expect(text).toBe('A gate for water 🌊');
  expect(chunks.at(-1)).toMatchObject({ type: 'done', finish: { reason: 'stop' } });
  expect(mock.journal.questions[0]?.text).toBe('What is a sluice?');
});

it('aborts the request when the page is no longer interested', async () => {
  const { pool, mock } = aPool({ text: ['one'], fault: { kind: 'stall' } });
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
});

it('tells a provider that fails by the same words as anywhere', async () => {
  const { pool } = aPool({ fault: { kind: 'status', status: 401 } });

  await expect(pool.complete(REQUEST)).rejects.toMatchObject({ kind: 'auth', status: 401 });
});

it('tells a connection that breaks', async () => {
  const { pool } = aPool({ fault: { kind: 'refuse' } });

  await expect(pool.complete(REQUEST)).rejects.toMatchObject({
    kind: 'network',
    message: expect.stringContaining('CORS') as unknown,
  });
});

it('refuses a key unless it is allowed knowingly', () => {
  expect(() => openai({ apiKey: KEY, model: 'gpt-x' })).toThrow('dangerouslyAllowBrowser');
  expect(openai({ getToken: () => 'short-lived', model: 'gpt-x' }).name).toBe('openai');
});
