import { llm, type LlmMock } from '@sluice/adapters/msw';
import { setupServer } from 'msw/node';
import { afterEach, describe, expect, it } from 'vitest';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Puts mocks in the place of the network, and says what nobody answered. */
function network(...mocks: readonly LlmMock[]): { readonly unanswered: string[] } {
  const unanswered: string[] = [];
  const handlers = mocks.flatMap((mock) => mock.handlers);
  const server = setupServer(...(handlers as unknown as Parameters<typeof setupServer>));
  server.listen({
    onUnhandledFrame: ({ frame, defaults }) => {
      const { request } = frame.data as { readonly request: Request }; // nothing but HTTP is sent
      unanswered.push(new URL(request.url).pathname);
      defaults.error(); // nothing leaves this machine
    },
  });
  cleanups.push(() => server.close());
  return { unanswered };
}

function post(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ model: 'm', messages: [], stream: true });
  return fetch(url, { method: 'POST', body, headers });
}

describe('a mocked provider over MSW', () => {
  it('answers below its base URL, and leaves the rest to others', async () => {
    const { unanswered } = network(llm.openai({ text: 'A gate' }));

    const answer = await post('https://api.openai.com/v1/chat/completions');
    const other = await post('https://api.openai.com/v1/embeddings').catch(() => undefined);

    expect(await answer.text()).toContain('gate');
    expect(other?.ok ?? false).toBe(false);
    expect(unanswered).toEqual(['/v1/embeddings']);
  });

  it('answers at any base URL, with and without a slash at its end', async () => {
    network(llm.openai({}, { baseUrl: 'http://llm.example/api/' }));

    expect((await post('http://llm.example/api/chat/completions')).status).toBe(200);
  });

  it('lets two wires of one address answer each their own', async () => {
    network(llm.openai({ text: 'chat' }), llm.responses({ text: 'responses' }));

    const answers = ['chat/completions', 'responses'].map(async (path) =>
      (await post(`https://api.openai.com/v1/${path}`)).text(),
    );

    const [chat, responses] = await Promise.all(answers);
    expect(chat).toContain('chat.completion.chunk');
    expect(responses).toContain('response.completed');
  });

  it('asks for the key that it was given', async () => {
    network(llm.anthropic({}, { apiKey: 'right' }));
    const url = 'https://api.anthropic.com/v1/messages';

    const statuses = ['wrong', 'right'].map(
      async (key) => (await post(url, { 'x-api-key': key })).status,
    );

    expect(await Promise.all(statuses)).toEqual([401, 200]);
  });
});
