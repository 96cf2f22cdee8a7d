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
import { chatFamily } from './family.ts';
import { listModels } from './models.ts';

/** How an account at OpenAI, or at a server that speaks its Chat Completions, is reached. */
export interface OpenAiOptions extends AccountOptions {
  /** The organization to bill. */
  readonly organization?: string | undefined;
  /** The project to bill. */
  readonly project?: string | undefined;
  /** The name under which the limit of tokens travels. Default: the new one at OpenAI and Azure, the old one elsewhere. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined;
}

/** Where OpenAI's own API is. */
export const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/**
 * Makes a provider of OpenAI's Chat Completions, or of a server that speaks them. Nothing is sent until it is used.
 *
 * ```ts
 * const provider = openai({ apiKey: key, model: 'gpt-5-mini' });
 * ```
 *
 * @throws {TypeError} when the model or the key is missing, the base URL cannot be right, key and `getToken` are both
 * given, or a key is given in a browser without `dangerouslyAllowBrowser`, unless the base URL is this very machine.
 */
export function openai(options: OpenAiOptions): Provider {
  const headers = { ...billing(options), ...options.headers };
  const isPlain = Object.keys(headers).length === 0;
  const account = resolveAccount(isPlain ? options : { ...options, headers }, RULES);
  const { host } = new URL(account.baseUrl);
  const family = chatFamily({
    provider: account.provider,
    maxTokensField: options.maxTokensField ?? maxTokensFieldOf(host),
    canOmitObfuscation: host === OPENAI_HOST,
  });
  const models = { account, family, path: 'models' };
  return {
    name: account.provider,
    createClient: () => createClient(account, family),
    probe: (context) => probePath(models, context),
    listModels: (context) => listModels(models, context),
    capabilities: { tools: true, images: true },
  };
}

/**
 * Makes a provider from environment variables: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`. What is given as an
 * option wins.
 *
 * @throws {TypeError} as `openai` does, naming the variable that is missing.
 */
export function fromEnv(env: Env, options: Partial<OpenAiOptions> = {}): Provider {
  return openai(readEnv(env, options, { names: ENV_NAMES, rules: RULES }));
}

const RULES: AccountRules = { name: 'openai', baseUrl: DEFAULT_BASE_URL };

const ENV_NAMES = {
  model: 'OPENAI_MODEL',
  baseUrl: 'OPENAI_BASE_URL',
  apiKey: ['OPENAI_API_KEY'],
} as const;

const OPENAI_HOST = 'api.openai.com';

function billing({ organization, project }: OpenAiOptions): Record<string, string> {
  return {
    ...(organization === undefined ? {} : { 'openai-organization': organization }),
    ...(project === undefined ? {} : { 'openai-project': project }),
  };
}

function maxTokensFieldOf(host: string): 'max_completion_tokens' | 'max_tokens' {
  const isOpenAis = host === OPENAI_HOST || host.endsWith('.openai.azure.com');
  return isOpenAis ? 'max_completion_tokens' : 'max_tokens';
}
