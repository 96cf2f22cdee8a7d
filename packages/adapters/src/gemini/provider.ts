import type { Provider } from '@sluice/core';
import {
  type AccountOptions,
  type AccountRules,
  type Env,
  readEnv,
  resolveAccount,
} from '../transport/account.ts';
import { createClient } from '../transport/client.ts';
import { probePath } from '../transport/list.ts';
import { geminiFamily } from './family.ts';
import { listModels } from './models.ts';

/** How an account at Gemini, or at Vertex, which speaks the same, is reached. */
export interface GeminiOptions extends AccountOptions {}

/** Where Gemini's own API is. */
export const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com/v1beta';

/**
 * Makes a provider of Gemini's `generateContent`. Nothing is sent until it is used. The key travels in a header, never in
 * the URL.
 *
 * ```ts
 * const provider = gemini({ apiKey: key, model: 'gemini-2.5-flash' });
 * ```
 *
 * For Vertex, `baseUrl` ends with `/publishers/google`, and `getToken` gives an access token.
 *
 * @throws {TypeError} when the model or the key is missing, the base URL cannot be right, key and `getToken` are both
 * given, or a key is given in a browser without `dangerouslyAllowBrowser`, unless the base URL is this very machine.
 */
export function gemini(options: GeminiOptions): Provider {
  const account = resolveAccount(options, RULES);
  const family = geminiFamily(account.provider);
  const models = { account, family, path: 'models' };
  return {
    name: account.provider,
    createClient: () => createClient(account, family),
    probe: (context) => probePath({ ...models, path: 'models?pageSize=1' }, context),
    listModels: (context) => listModels(models, context),
    capabilities: { tools: true, images: true, thinking: true, structuredOutput: true },
  };
}

/**
 * Makes a provider from environment variables: `GEMINI_API_KEY` or `GOOGLE_API_KEY`, `GEMINI_BASE_URL`, `GEMINI_MODEL`.
 * What is given as an option wins.
 *
 * @throws {TypeError} as `gemini` does, naming the variable that is missing.
 */
export function fromEnv(env: Env, options: Partial<GeminiOptions> = {}): Provider {
  return gemini(readEnv(env, options, { names: ENV_NAMES, rules: RULES }));
}

const RULES: AccountRules = {
  name: 'gemini',
  baseUrl: DEFAULT_BASE_URL,
  keyHeader: 'x-goog-api-key',
};

const ENV_NAMES = {
  model: 'GEMINI_MODEL',
  baseUrl: 'GEMINI_BASE_URL',
  apiKey: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
} as const;
