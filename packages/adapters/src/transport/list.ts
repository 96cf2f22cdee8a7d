import type { CallContext } from '@sluice/core';
import type { Account } from './account.ts';
import { discard, readText } from './body.ts';
import { failWith } from './failure.ts';
import type { Family } from './family.ts';
import { parseFields } from './json.ts';
import { refusalOf } from './status.ts';

/** The longest list that is read: 10 MiB. */
const MAX_LIST_BYTES = 10_485_760;

/** What is asked for by GET. */
export interface ListRequest {
  readonly account: Account;
  readonly family: Pick<Family, 'readRequestId'>;
  /** Below the account's base URL, without a leading slash. */
  readonly path: string;
}

/** Asks whether the endpoint answers and the key is right. @throws {ProviderError} when not. */
export async function probePath(request: ListRequest, context: CallContext): Promise<void> {
  const response = await getPath(request, context);
  await discard(response);
}

/** Reads an object of JSON, of at most 10 MiB. @throws {ProviderError} when the endpoint does not give one. */
export async function readObject(
  request: ListRequest,
  context: CallContext,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await getPath(request, context);
  const text = await readText(response, { signal: context.signal, maxBytes: MAX_LIST_BYTES });
  context.signal.throwIfAborted();
  const { provider, redact } = request.account;
  const object = parseFields(text);
  if (object !== undefined) return object;
  throw failWith({ provider, redact })(
    'malformed',
    `${provider} sent a list that is no JSON object`,
  );
}

async function getPath(
  { account, family, path }: ListRequest,
  { signal }: CallContext,
): Promise<Response> {
  const { http, provider, redact, clock } = account;
  const response = await http.get(path, { signal, fail: failWith({ provider, redact }) });
  if (response.status >= 200 && response.status < 300) return response;
  const requestId = family.readRequestId(response.headers, redact);
  const fail = failWith({ provider, requestId, redact });
  throw await refusalOf(response, { fail, provider, nowMs: clock.timestamp(), signal });
}
