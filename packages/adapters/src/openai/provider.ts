import { type Clock, type Provider, type Secret, systemClock } from '@sluice/core';
import { isLoopback, resolveBaseUrl } from '../transport/base-url.ts';
import { Credentials, type GetToken } from '../transport/credentials.ts';
import { createHttp } from '../transport/http.ts';
import { isBrowser } from '../transport/runtime.ts';
import { type Account, createClient } from './client.ts';
import { listModels, probe } from './models.ts';

/** How an account at OpenAI, or at a server that speaks its Chat Completions, is reached. */
export interface OpenAiOptions {
  /** The model that clients ask unless a request names another. */
  readonly model: string;
  /**
   * The API key, wrapped at once: it appears in no error, event or log. Left out where `getToken` is given, or where a
   * server of your own asks for none.
   */
  readonly apiKey?: string | Secret | undefined;
  /** Where the API is. @defaultValue `'https://api.openai.com/v1'` */
  readonly baseUrl?: string | undefined;
  /** Fetches a short-lived token for each request, instead of a key: the way for browsers. */
  readonly getToken?: GetToken | undefined;
  /** The provider's name in errors and events. @defaultValue `'openai'` */
  readonly name?: string | undefined;
  /** The `fetch` to use. Default: the runtime's. */
  readonly fetch?: typeof fetch | undefined;
  /** Further headers, such as `api-key`. Values are kept as secret as the key. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The organization to bill. */
  readonly organization?: string | undefined;
  /** The project to bill. */
  readonly project?: string | undefined;
  /** The name under which the limit of tokens travels. Default: the new one at OpenAI and Azure, the old one elsewhere. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined;
  /** Allows a key in a browser, where whoever opens the page can read it. @defaultValue `false` */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
  /** Tells the time, for waits that are given as a date. Default: the runtime's. */
  readonly clock?: Clock | undefined;
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
  const account = resolveAccount(options);
  return {
    name: account.provider,
    createClient: () => createClient(account),
    probe: (context) => probe(account, context),
    listModels: (context) => listModels(account, context),
    capabilities: { tools: true, images: true },
  };
}

/**
 * Makes a provider from environment variables: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`. What is given as an
 * option wins.
 *
 * @throws {TypeError} as `openai` does, naming the variable that is missing.
 */
export function fromEnv(
  env: Readonly<Record<string, string | undefined>>,
  options: Partial<OpenAiOptions> = {},
): Provider {
  const model = options.model ?? present(env['OPENAI_MODEL']);
  if (model === undefined) throw new TypeError('OPENAI_MODEL is not set, and no model is given');
  const baseUrl = present(env['OPENAI_BASE_URL']);
  const apiKey = options.getToken === undefined ? present(env['OPENAI_API_KEY']) : undefined;
  if (apiKey === undefined && needsKey({ baseUrl, ...options })) {
    throw new TypeError('OPENAI_API_KEY is not set, and neither apiKey nor getToken is given');
  }
  return openai({ apiKey, baseUrl, ...options, model });
}

function resolveAccount(options: OpenAiOptions): Account {
  const { model, apiKey, getToken, name = 'openai' } = options;
  if (typeof model !== 'string' || model === '') throw new TypeError('model is missing');
  if (apiKey !== undefined && getToken !== undefined) {
    throw new TypeError('Give apiKey or getToken, not both');
  }
  if (needsKey(options)) throw new TypeError('apiKey is missing, and so is getToken');
  const baseUrl = resolveBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL);
  refuseKeyInBrowser(options, baseUrl);
  const credentials = new Credentials({ key: apiKey, getToken, headers: headersOf(options) });
  const { host } = new URL(baseUrl);
  return {
    provider: name,
    model,
    http: createHttp({ provider: name, baseUrl, credentials, fetch: options.fetch }),
    clock: options.clock ?? systemClock,
    redact: (text) => credentials.redact(text),
    maxTokensField: options.maxTokensField ?? maxTokensFieldOf(host),
    canOmitObfuscation: host === OPENAI_HOST,
  };
}

const OPENAI_HOST = 'api.openai.com';

/** OpenAI itself always wants a key; servers of one's own often want none. */
function needsKey({ apiKey, getToken, baseUrl }: Partial<OpenAiOptions>): boolean {
  return apiKey === undefined && getToken === undefined && baseUrl === undefined;
}

function refuseKeyInBrowser(options: OpenAiOptions, baseUrl: string): void {
  const hasKey = options.apiKey !== undefined || options.headers !== undefined;
  if (!hasKey || options.dangerouslyAllowBrowser === true) return;
  if (!isBrowser() || isLoopback(baseUrl)) return;
  throw new TypeError(
    'A key in a browser can be read by whoever opens the page: give getToken, a baseUrl of your own backend, or dangerouslyAllowBrowser',
  );
}

function headersOf({ headers, organization, project }: OpenAiOptions): Record<string, string> {
  return {
    ...(organization === undefined ? {} : { 'openai-organization': organization }),
    ...(project === undefined ? {} : { 'openai-project': project }),
    ...headers,
  };
}

function maxTokensFieldOf(host: string): 'max_completion_tokens' | 'max_tokens' {
  const isOpenAis = host === OPENAI_HOST || host.endsWith('.openai.azure.com');
  return isOpenAis ? 'max_completion_tokens' : 'max_tokens';
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
