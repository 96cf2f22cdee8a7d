import { createMockServer } from '@sluice/adapters/mock-server';
import { fromEnv, openai } from '@sluice/adapters/openai';
import type { Provider } from '@sluice/core';

/** The provider that answers, and what must be ended afterwards. */
export interface AskedProvider extends AsyncDisposable {
  /** Its name in the client pool. */
  readonly name: string;
  readonly provider: Provider;
}

/** Chooses a real provider by the environment, or starts the built-in mock server. */
export async function chooseProvider(env: NodeJS.ProcessEnv): Promise<AskedProvider> {
  if (env['OPENAI_API_KEY'] !== undefined) return asked('openai', fromEnv(env));
  const ollamaUrl = env['OLLAMA_BASE_URL'];
  if (ollamaUrl !== undefined) {
    const baseUrl = `${ollamaUrl.replace(/\/+$/, '')}/v1`;
    const model = env['OLLAMA_MODEL'] ?? 'llama3.2';
    return asked('ollama', openai({ baseUrl, model, apiKey: 'ollama' }));
  }
  const server = createMockServer();
  const { url: baseUrl } = await server.listen();
  const provider = openai({ baseUrl, model: 'mock-1', apiKey: 'no-key-needed' });
  return asked('mock', provider, () => server.close());
}

function asked(name: string, provider: Provider, end?: () => Promise<void>): AskedProvider {
  return {
    name,
    provider,
    async [Symbol.asyncDispose](): Promise<void> {
      await end?.();
    },
  };
}
