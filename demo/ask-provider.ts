import { fromEnv as anthropicFromEnv } from '@sluice/adapters/anthropic';
import { fromEnv as geminiFromEnv } from '@sluice/adapters/gemini';
import { createMockServer } from '@sluice/adapters/mock-server';
import { fromEnv as ollamaFromEnv } from '@sluice/adapters/ollama';
import { fromEnv as openaiFromEnv, openai } from '@sluice/adapters/openai';
import type { Provider } from '@sluice/core';

/** The provider that answers, and what must be ended afterwards. */
export interface AskedProvider extends AsyncDisposable {
  /** Its name in the client pool. */
  readonly name: string;
  readonly provider: Provider;
}

/** The providers of the environment, in the order in which they are looked for. */
const REAL: readonly RealProvider[] = [
  {
    name: 'openai',
    keys: ['OPENAI_API_KEY'],
    make: (env) => openaiFromEnv(env, modelOf(env['OPENAI_MODEL'], 'gpt-5-mini')),
  },
  {
    name: 'anthropic',
    keys: ['ANTHROPIC_API_KEY'],
    make: (env) => anthropicFromEnv(env, modelOf(env['ANTHROPIC_MODEL'], 'claude-haiku-4-5')),
  },
  {
    name: 'gemini',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    make: (env) => geminiFromEnv(env, modelOf(env['GEMINI_MODEL'], 'gemini-2.5-flash')),
  },
  { name: 'ollama', keys: ['OLLAMA_BASE_URL', 'OLLAMA_HOST'], make: ollamaOf },
];

interface RealProvider {
  readonly name: string;
  /** It is meant as soon as one of these variables is set. */
  readonly keys: readonly string[];
  readonly make: (env: NodeJS.ProcessEnv) => Provider;
}

/**
 * Chooses a real provider by the environment, or starts the built-in mock server.
 *
 * @throws {TypeError} that names the variable which is missing, such as the model.
 */
export async function chooseProvider(env: NodeJS.ProcessEnv): Promise<AskedProvider> {
  const real = REAL.find(({ keys }) => keys.some((key) => (env[key] ?? '') !== ''));
  if (real !== undefined) return asked(real.name, real.make(env));
  const server = createMockServer();
  const { url: baseUrl } = await server.listen();
  const provider = openai({ baseUrl, model: 'mock-1', apiKey: 'no-key-needed' });
  return asked('mock', provider, () => server.close());
}

/** A key is enough to try it. */
function modelOf(named: string | undefined, usual: string): { readonly model: string } {
  return { model: named === undefined || named === '' ? usual : named };
}

function ollamaOf(env: NodeJS.ProcessEnv): Provider {
  const baseUrl = env['OLLAMA_BASE_URL'];
  const model = env['OLLAMA_MODEL'] ?? 'llama3.2';
  return ollamaFromEnv(env, baseUrl === undefined ? { model } : { model, baseUrl });
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
