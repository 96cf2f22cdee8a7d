import type { Provider } from '@sluice/core';
import {
  type AccountOptions,
  type AccountRules,
  type Env,
  readEnv,
  resolveAccount,
} from '../transport/account.ts';
import { resolveBaseUrl } from '../transport/base-url.ts';
import { createClient } from '../transport/client.ts';
import { probePath } from '../transport/list.ts';
import { isBrowser } from '../transport/runtime.ts';
import { messagesFamily } from './family.ts';
import { listModels } from './models.ts';
import { ANTHROPIC_VERSION } from './wire.ts';

/** How an account at Anthropic, or at a server that speaks its Messages, is reached. */
export interface AnthropicOptions extends AccountOptions {
  /**
   * How long an answer may be when the request does not say, in tokens; thinking with a budget comes on top. The wire
   * wants a number. Default: 32,000, or what the model can do if that is less; 4,096 for models that are not Anthropic's.
   */
  readonly maxTokens?: number | undefined;
  /** What is not yet for everybody, such as `['context-1m-2025-08-07']`. Default: none. */
  readonly betas?: readonly string[] | undefined;
}

/** Where Anthropic's own API is. */
export const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/**
 * Makes a provider of Anthropic's Messages, or of a server that speaks them. Nothing is sent until it is used. A base
 * URL may end with the API's `/v1` or leave it out.
 *
 * ```ts
 * const provider = anthropic({ apiKey: key, model: 'claude-sonnet-5' });
 * ```
 *
 * @throws {TypeError} when the model or the key is missing, the base URL cannot be right, key and `getToken` are both
 * given, a beta is no plain name, `maxTokens` is no whole number above 0, or a key is given in a browser without `dangerouslyAllowBrowser`,
 * unless the base URL is this very machine.
 */
export function anthropic(options: AnthropicOptions): Provider {
  const { maxTokens } = options;
  const odd = options.betas?.find((beta) => !/^[\w.-]+$/.test(beta));
  if (odd !== undefined) throw new TypeError(`betas must be plain names, not "${odd}"`);
  if (maxTokens !== undefined && (!Number.isInteger(maxTokens) || maxTokens < 1)) {
    throw new TypeError(`maxTokens must be a whole number above 0, not ${maxTokens}`);
  }
  const baseUrl = options.baseUrl?.replace(/\/v1\/*$/, '');
  const account = resolveAccount(
    { ...options, baseUrl },
    { ...RULES, headers: headersOf(options) },
  );
  const family = messagesFamily({ provider: account.provider, maxTokens });
  const models = { account, family };
  return {
    name: account.provider,
    createClient: () => createClient(account, family),
    probe: (context) => probePath({ ...models, path: 'v1/models?limit=1' }, context),
    listModels: (context) => listModels(models, context),
    capabilities: { tools: true, images: true, thinking: true, structuredOutput: true },
  };
}

/**
 * Makes a provider from environment variables: `ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL`, `ANTHROPIC_MODEL`. What is
 * given as an option wins.
 *
 * @throws {TypeError} as `anthropic` does, naming the variable that is missing.
 */
export function fromEnv(env: Env, options: Partial<AnthropicOptions> = {}): Provider {
  return anthropic(readEnv(env, options, { names: ENV_NAMES, rules: RULES }));
}

const RULES: AccountRules = {
  name: 'anthropic',
  baseUrl: DEFAULT_BASE_URL,
  keyHeader: 'x-api-key',
};

const ENV_NAMES = {
  model: 'ANTHROPIC_MODEL',
  baseUrl: 'ANTHROPIC_BASE_URL',
  apiKey: ['ANTHROPIC_API_KEY'],
} as const;

function headersOf(options: AnthropicOptions): Record<string, string> {
  const { betas = [] } = options;
  return {
    'anthropic-version': ANTHROPIC_VERSION,
    ...(betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }),
    ...(needsConsent(options) ? { 'anthropic-dangerous-direct-browser-access': 'true' } : {}),
  };
}

/** Anthropic answers a page only if it says that it knows what it does. A backend of one's own need not be told. */
function needsConsent({
  baseUrl = DEFAULT_BASE_URL,
  dangerouslyAllowBrowser,
}: AnthropicOptions): boolean {
  if (!isBrowser()) return false;
  return (
    dangerouslyAllowBrowser === true || new URL(resolveBaseUrl(baseUrl)).origin === DEFAULT_BASE_URL
  );
}
