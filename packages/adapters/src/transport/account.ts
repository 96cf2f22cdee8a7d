import { type Clock, type Secret, systemClock } from '@sluice/core';
import { isLoopback, resolveBaseUrl } from './base-url.ts';
import { Credentials, type GetToken } from './credentials.ts';
import { createHttp, type Http } from './http.ts';
import { isBrowser } from './runtime.ts';

/** How an account is reached, in the same words for every provider. */
export interface AccountOptions {
  /** The model that clients ask unless a request names another. */
  readonly model: string;
  /**
   * The API key, wrapped at once: it appears in no error, event or log. Left out where `getToken` is given, or where a
   * server of your own asks for none.
   */
  readonly apiKey?: string | Secret | undefined;
  /** Where the API is. Default: the provider's own address. */
  readonly baseUrl?: string | undefined;
  /** Fetches a short-lived token for each request, instead of a key: the way for browsers. */
  readonly getToken?: GetToken | undefined;
  /** The provider's name in errors. Default: the family's, or that of the server where it is known. */
  readonly name?: string | undefined;
  /** The `fetch` to use. Default: the runtime's. */
  readonly fetch?: typeof fetch | undefined;
  /** Further headers, such as `api-key`. Values are kept as secret as the key. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Allows a key in a browser, where whoever opens the page can read it. @defaultValue `false` */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
  /** Tells the time, for waits that are given as a date. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/** What a family says of its accounts. */
export interface AccountRules {
  /** The provider's name, unless the user gives one. */
  readonly name: string;
  /** The provider's own address. */
  readonly baseUrl: string;
  /** The header that carries the key as it is. Default: `authorization`, as `Bearer`, where tokens always go. */
  readonly keyHeader?: string | undefined;
  /** Headers of every request, none of them secret. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the provider's own address asks for a key. @defaultValue `true` */
  readonly needsKey?: boolean | undefined;
}

/** What the clients of one account share. */
export interface Account {
  readonly provider: string;
  /** The clients' model, unless a request names another. */
  readonly model: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly http: Http;
  readonly clock: Clock;
  /** Takes the account's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/**
 * Checks how an account is reached and makes the way there. Nothing is sent.
 *
 * @throws {TypeError} when the model or the key is missing, the base URL cannot be right, key and `getToken` are both
 * given, or a key is given in a browser without `dangerouslyAllowBrowser`, unless the base URL is this very machine.
 */
export function resolveAccount(options: AccountOptions, rules: AccountRules): Account {
  const { model, apiKey, getToken, name: provider = rules.name, clock = systemClock } = options;
  if (typeof model !== 'string' || model === '') {
    throw new TypeError('model is missing: name the one to ask');
  }
  if (apiKey !== undefined && getToken !== undefined) {
    throw new TypeError('Give apiKey or getToken, not both');
  }
  if (lacksKey(options, rules)) throw new TypeError('apiKey is missing: give it, or getToken');
  const baseUrl = resolveBaseUrl(options.baseUrl ?? rules.baseUrl);
  refuseKeyInBrowser(options, baseUrl);
  const { keyHeader } = rules;
  const credentials = new Credentials({
    key: apiKey,
    keyHeader,
    getToken,
    headers: options.headers,
  });
  const { headers } = rules;
  const http = createHttp({ provider, baseUrl, credentials, headers, fetch: options.fetch });
  return { provider, model, baseUrl, http, clock, redact: (text) => credentials.redact(text) };
}

/** Environment variables, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The variables that a family reads. */
export interface EnvNames {
  readonly model: string;
  readonly baseUrl: string;
  /** The first that is set counts. */
  readonly apiKey: readonly [string, ...string[]];
}

/**
 * Reads an account's options from environment variables. What is given as an option wins; an empty variable is none.
 *
 * @throws {TypeError} that names the variable which is missing.
 */
export function readEnv<O extends AccountOptions>(
  env: Env,
  options: Partial<O>,
  { names, rules }: { readonly names: EnvNames; readonly rules: AccountRules },
): Pick<AccountOptions, 'model' | 'apiKey' | 'baseUrl'> & Partial<O> {
  const model = options.model ?? present(env[names.model]);
  if (model === undefined) throw new TypeError(`${names.model} is not set, and no model is given`);
  const baseUrl = present(env[names.baseUrl]);
  const isTokenGiven = options.getToken !== undefined;
  const apiKey = isTokenGiven
    ? undefined
    : names.apiKey.map((name) => present(env[name])).find((key) => key !== undefined);
  if (lacksKey({ apiKey, baseUrl, ...options }, rules)) {
    const [name] = names.apiKey;
    throw new TypeError(`${name} is not set, and neither apiKey nor getToken is given`);
  }
  return { apiKey, baseUrl, ...options, model };
}

/** A provider itself always wants a key; servers of one's own often want none. */
function lacksKey(
  { apiKey, getToken, baseUrl }: Partial<AccountOptions>,
  { needsKey = true }: AccountRules,
): boolean {
  return needsKey && apiKey === undefined && getToken === undefined && baseUrl === undefined;
}

function refuseKeyInBrowser(options: AccountOptions, baseUrl: string): void {
  const hasKey = options.apiKey !== undefined || options.headers !== undefined;
  if (!hasKey || options.dangerouslyAllowBrowser === true) return;
  if (!isBrowser() || isLoopback(baseUrl)) return;
  throw new TypeError(
    'A key in a browser can be read by whoever opens the page: give getToken, a baseUrl of your own backend, or dangerouslyAllowBrowser',
  );
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
