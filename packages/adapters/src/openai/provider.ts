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
import { azurePaths } from './azure.ts';
import { chatFamily, responsesFamily } from './family.ts';
import { listModels } from './models.ts';
import { type Quirks, quirksOf, SERVER_NAMES, serverAt, type ServerName } from './quirks.ts';

/** How an account at OpenAI, or at a server that speaks its wires, is reached. */
export interface OpenAiOptions extends AccountOptions {
  /**
   * Which of OpenAI's wires to speak: Chat Completions, which many servers know, or Responses, OpenAI's newer one.
   *
   * @defaultValue `'chat'`
   */
  readonly api?: 'chat' | 'responses' | undefined;
  /** Whose ways the server has. Default: by its host. Say it for servers of your own: `'llama.cpp'`, `'vllm'`. */
  readonly server?: ServerName | undefined;
  /** The `api-version` of Azure, for resources where each deployment has a path. Default: none, as newer ones need none. */
  readonly apiVersion?: string | undefined;
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
 * Makes a provider of OpenAI's Chat Completions or Responses, or of a server that speaks them. Nothing is sent until it
 * is used.
 *
 * ```ts
 * const provider = openai({ apiKey: key, model: 'gpt-5-mini' });
 * ```
 *
 * @throws {TypeError} when the model or the key is missing, the base URL cannot be right, key and `getToken` are both
 * given, `api` or `server` is none of those known, or a key is given in a browser without `dangerouslyAllowBrowser`, unless
 * the base URL is this very machine.
 */
export function openai(options: OpenAiOptions): Provider {
  const { api = 'chat' } = options;
  assertChoice('api', api, APIS);
  if (options.server !== undefined) assertChoice('server', options.server, SERVER_NAMES);
  const { server, quirks, baseUrl, pathOf, modelsPath } = resolveEndpoint(options);
  const headers = { ...billing(options), ...options.headers };
  const account = resolveAccount(
    { ...options, baseUrl, headers: Object.keys(headers).length === 0 ? undefined : headers },
    // Accounts of different servers have names of their own: each gets back its own thinking, and nobody else's.
    { ...RULES, name: server ?? RULES.name, keyHeader: quirks.keyHeader },
  );
  const { provider } = account;
  const canOmitObfuscation = server === 'openai';
  const family =
    api === 'chat'
      ? chatFamily({ provider, quirks, pathOf })
      : responsesFamily({ provider, canOmitObfuscation, pathOf });
  const models = { account, family, path: modelsPath };
  const isHealth = quirks.probePath !== 'models';
  const probe = isHealth
    ? { ...models, path: fromRoot(account.baseUrl, quirks.probePath) }
    : models;
  return {
    name: provider,
    createClient: () => createClient(account, family),
    probe: (context) => probePath(probe, context),
    listModels: (context) => listModels(models, context),
    capabilities: { tools: true, images: true, thinking: true, structuredOutput: true },
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

const APIS = ['chat', 'responses'];

/** A slip of the pen would be taken for another server, or the other wire. */
function assertChoice(key: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new TypeError(`${key} must be one of ${choices.join(', ')}, not "${value}"`);
}

/** Where a server is, and what its ways are. */
interface Endpoint {
  readonly server: ServerName | undefined;
  readonly quirks: Quirks;
  /** As the user gave it, but for Azure. */
  readonly baseUrl: string | undefined;
  readonly pathOf: (model: string) => string;
  readonly modelsPath: string;
}

function resolveEndpoint(options: OpenAiOptions): Endpoint {
  const { apiVersion, api = 'chat', maxTokensField } = options;
  const baseUrl = resolveBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL);
  const server = options.server ?? serverAt(new URL(baseUrl).hostname);
  const known = quirksOf(server);
  const quirks = maxTokensField === undefined ? known : { ...known, maxTokensField };
  const path = api === 'chat' ? 'chat/completions' : 'responses';
  if (!quirks.hasDeployments) {
    return { server, quirks, baseUrl: options.baseUrl, pathOf: () => path, modelsPath: 'models' };
  }
  if (options.baseUrl === undefined) {
    throw new TypeError('baseUrl is missing: each resource of Azure has its own');
  }
  const azure = azurePaths(baseUrl, { apiVersion, path });
  return {
    server,
    quirks,
    baseUrl: azure.baseUrl,
    pathOf: azure.completion,
    modelsPath: azure.models,
  };
}

/** A path from the root of the base URL's host, as one from the base URL. */
function fromRoot(baseUrl: string, path: string): string {
  const depth = new URL(baseUrl).pathname.split('/').filter((segment) => segment !== '').length;
  return '../'.repeat(depth) + path.slice(1);
}

function billing({ organization, project }: OpenAiOptions): Record<string, string> {
  return {
    ...(organization === undefined ? {} : { 'openai-organization': organization }),
    ...(project === undefined ? {} : { 'openai-project': project }),
  };
}
