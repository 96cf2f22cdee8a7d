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
import { ollamaFamily } from './family.ts';
import { originOfHost } from './host.ts';
import { listModels } from './models.ts';

/** How an Ollama server is reached. No key is needed, unless it is somebody else's. */
export interface OllamaOptions extends AccountOptions {
  /**
   * How many tokens of context the model is loaded with. A longer conversation is cut by the server, which does not say
   * so. Default: the server's, which is small.
   */
  readonly numCtx?: number | undefined;
  /** How long the model stays loaded after an answer: such as `'10m'`, or seconds; -1 is for ever. Default: the server's. */
  readonly keepAlive?: string | number | undefined;
}

/** Where a server is unless it was told otherwise: on this very machine. */
export const DEFAULT_BASE_URL = 'http://127.0.0.1:11434';

/** How long the first byte may take, in milliseconds: the server may have to load the model. */
export const FIRST_BYTE_TIMEOUT_MS = 300_000;

/**
 * Makes a provider of an Ollama server, by its own wire. Nothing is sent until it is used.
 *
 * ```ts
 * const provider = ollama({ model: 'llama3.2' });
 * ```
 *
 * @throws {TypeError} when the model is missing, the base URL cannot be right, `numCtx` is no whole number above 0, key
 * and `getToken` are both given, or a key is given in a browser without `dangerouslyAllowBrowser`, unless the base URL is
 * this very machine.
 */
export function ollama(options: OllamaOptions): Provider {
  const account = resolveAccount(options, RULES);
  const { numCtx, keepAlive } = options;
  if (numCtx !== undefined && !(Number.isSafeInteger(numCtx) && numCtx > 0)) {
    throw new TypeError(`numCtx must be a whole number above 0, not ${numCtx}`);
  }
  const family = ollamaFamily({ provider: account.provider, numCtx, keepAlive });
  return {
    name: account.provider,
    createClient: () => createClient(account, family),
    probe: (context) => probePath({ account, family, path: 'api/version' }, context),
    listModels: (context) => listModels({ account, family, path: 'api/tags' }, context),
    capabilities: { tools: true, images: true, thinking: true, structuredOutput: true },
    timeouts: { firstByteMs: FIRST_BYTE_TIMEOUT_MS },
  };
}

/**
 * Makes a provider from environment variables: `OLLAMA_HOST` (as the server itself reads it: `0.0.0.0`, `:8080` and
 * `gpu.local:11434` will do), `OLLAMA_MODEL`, `OLLAMA_API_KEY`. What is given as an option wins.
 *
 * @throws {TypeError} as `ollama` does, naming the variable that is missing.
 */
export function fromEnv(env: Env, options: Partial<OllamaOptions> = {}): Provider {
  const { baseUrl, ...read } = readEnv(env, options, { names: ENV_NAMES, rules: RULES });
  const origin = baseUrl === undefined ? undefined : (options.baseUrl ?? originOfHost(baseUrl));
  return ollama({ ...read, baseUrl: origin });
}

const RULES: AccountRules = { name: 'ollama', baseUrl: DEFAULT_BASE_URL, needsKey: false };

const ENV_NAMES = {
  model: 'OLLAMA_MODEL',
  baseUrl: 'OLLAMA_HOST',
  apiKey: ['OLLAMA_API_KEY'],
} as const;
