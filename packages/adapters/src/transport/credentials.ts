import { Secret } from '@sluice/core';
import { createRedactor, type Redactor } from '@sluice/core/events';
import { isHeaderValue } from './base-url.ts';

/** Fetches a short-lived token, for example from one's own backend. Called once a request. */
export type GetToken = (context: { readonly signal: AbortSignal }) => string | Promise<string>;

/** What a request proves itself with. */
export interface CredentialsOptions {
  /** A key that stays the same. */
  readonly key?: string | Secret | undefined;
  /** The header that carries the key as it is. Default: `authorization`, as `Bearer`. */
  readonly keyHeader?: string | undefined;
  readonly getToken?: GetToken | undefined;
  /** Further headers. Their values are as secret as the key: some servers take theirs there. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** How many tokens are remembered, so that an error about a late request is redacted too. */
const MAX_TOKENS = 8;

/**
 * The secrets of one account: puts them into headers right before a request leaves, and takes them out of every text
 * that comes back.
 */
export class Credentials {
  readonly #key: Secret | undefined;
  readonly #keyHeader: string | undefined;
  readonly #getToken: GetToken | undefined;
  readonly #headers: ReadonlyMap<string, Secret>;
  #tokens: readonly Secret[] = [];
  /** Made when the first text comes that has to be clean, and anew when a token has come. */
  #redactor: Redactor | undefined;

  /** @throws {TypeError} when a value cannot stand in a header. The message does not hold it. */
  constructor({ key, keyHeader, getToken, headers = {} }: CredentialsOptions) {
    this.#key = key === undefined ? undefined : keyOf(key);
    this.#keyHeader = keyHeader;
    this.#getToken = getToken;
    this.#headers = new Map(
      Object.entries(headers).map(([name, value]) => {
        assertHeaderValue(`headers["${name}"]`, value);
        return [name, new Secret(value)];
      }),
    );
  }

  /**
   * Makes the headers of one request. Keep the result nowhere.
   *
   * @throws what `getToken` throws, and {TypeError} when its token cannot stand in a header.
   */
  async headers(signal: AbortSignal): Promise<Record<string, string>> {
    const headers: Record<string, string> = {};
    const [name, value] = await this.#proof(signal);
    if (value !== undefined) headers[name] = value;
    for (const [name, secret] of this.#headers) headers[name.toLowerCase()] = secret.unwrap();
    return headers;
  }

  /** Takes every secret out of a text, in whatever form it travels, and all that is shaped like one. */
  redact(text: string): string {
    this.#redactor ??= createRedactor({ secrets: this.#secrets() });
    return this.#redactor(text);
  }

  /** The key, in its own header if it has one, or a token, which always travels as `Bearer`. */
  async #proof(signal: AbortSignal): Promise<readonly [name: string, value: string | undefined]> {
    if (this.#keyHeader !== undefined && this.#key !== undefined) {
      return [this.#keyHeader, this.#key.unwrap()];
    }
    const bearer = this.#getToken === undefined ? this.#key : await this.#token(signal);
    return ['authorization', bearer === undefined ? undefined : `Bearer ${bearer.unwrap()}`];
  }

  async #token(signal: AbortSignal): Promise<Secret | undefined> {
    const token = await this.#getToken?.({ signal });
    if (token === undefined) return undefined;
    assertHeaderValue('The token that getToken gave', token);
    const secret = new Secret(token);
    this.#redactor = undefined;
    this.#tokens = [secret, ...this.#tokens.filter((known) => known.unwrap() !== token)].slice(
      0,
      MAX_TOKENS,
    );
    return secret;
  }

  #secrets(): readonly Secret[] {
    const key = this.#key === undefined ? [] : [this.#key];
    return [...key, ...this.#tokens, ...this.#headers.values()];
  }
}

/** A key often comes from a variable that turns out to be empty, or from code that no compiler has checked. */
function keyOf(key: string | Secret): Secret {
  const isKey = typeof key === 'string' ? key !== '' : typeof key?.unwrap === 'function';
  if (!isKey) throw new TypeError('apiKey must be a text that is not empty, or a Secret');
  const secret = Secret.from(key);
  assertHeaderValue('apiKey', secret.unwrap());
  return secret;
}

/** The runtime's own check would quote the value in its message. */
function assertHeaderValue(what: string, value: unknown): void {
  if (typeof value !== 'string' || !isHeaderValue(value)) {
    throw new TypeError(`${what} must be printable ASCII without leading or trailing spaces`);
  }
}
