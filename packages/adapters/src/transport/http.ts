import ky from 'ky';
import { discard } from './body.ts';
import type { Credentials } from './credentials.ts';
import { type Fail, networkFailure } from './failure.ts';
import { ignore } from './ignore.ts';

/** Where and how requests are sent. */
export interface HttpOptions {
  /** For messages. */
  readonly provider: string;
  readonly baseUrl: string;
  readonly credentials: Credentials;
  /** Headers of every request, none of them secret. Those of the credentials win. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the runtime's, looked up at each request. */
  readonly fetch?: typeof fetch | undefined;
}

/** What accompanies one request. */
export interface HttpCall {
  readonly signal: AbortSignal;
  readonly fail: Fail;
}

/** What is posted. */
export interface HttpPost {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body, written as JSON. */
  readonly json: string;
}

/** One account's way to its endpoint. Whatever the status is, it is an answer; the caller owns, and ends, its body. */
export interface Http {
  get(path: string, call: HttpCall): Promise<Response>;
  /** Sends a body as JSON. */
  post(request: HttpPost, call: HttpCall): Promise<Response>;
}

/**
 * Makes the way to an endpoint: one attempt a call, no timeout and no retry of its own, since core has them, and no
 * redirect followed, since a key goes only to the origin that it was given for.
 *
 * Its calls reject with a `ProviderError` (`network`, or `auth` when no token could be had), or with `signal.reason`.
 */
export function createHttp({
  provider,
  baseUrl,
  credentials,
  headers: always,
  fetch,
}: HttpOptions): Http {
  const endpoint = ky.create({
    prefix: baseUrl,
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    redirect: 'manual',
    referrerPolicy: 'no-referrer',
    ...(fetch === undefined ? {} : { fetch }),
  });

  const send = async (
    call: HttpCall,
    ask: (headers: Record<string, string>) => Promise<Response>,
  ): Promise<Response> => {
    const { signal, fail } = call;
    const headers = await credentials.headers(signal).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw fail('auth', 'No token could be had from getToken', { thrown });
    });
    signal.throwIfAborted();
    try {
      return await orAborted(ask(headers), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw networkFailure(fail, `Could not reach ${provider} at ${new URL(baseUrl).host}`, thrown);
    }
  };

  return {
    get: (path, call) =>
      send(call, (secret) => {
        const headers = { ...always, ...secret };
        return endpoint.get(path, { headers, signal: call.signal });
      }),
    post: ({ path, headers: own, json }, call) =>
      send(call, (secret) => {
        const headers = { 'content-type': 'application/json', ...always, ...own, ...secret };
        return endpoint.post(path, { headers, body: json, signal: call.signal });
      }),
  };
}

/** A `fetch` that was handed in may not know the signal. Its late answer is cancelled here, since the caller has left. */
function orAborted(answer: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      void answer.then(discard).catch(ignore);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
