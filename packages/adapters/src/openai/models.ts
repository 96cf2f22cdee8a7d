import type { CallContext, ModelInfo } from '@sluice/core';
import { discard, readText } from '../transport/body.ts';
import { failWith } from '../transport/failure.ts';
import { arrayAt, countAt, isRecord, parseJson, textAt } from '../transport/json.ts';
import { refusalOf } from '../transport/status.ts';
import { type Account, readRequestId } from './client.ts';

/** The longest list that is read: 10 MiB. */
const MAX_LIST_BYTES = 10_485_760;

/** Asks, for free, whether the endpoint answers and the key is right. @throws {ProviderError} when not. */
export async function probe(account: Account, context: CallContext): Promise<void> {
  const response = await getModels(account, context);
  await discard(response);
}

/** Lists the models that the account may use. @throws {ProviderError} when the endpoint does not tell. */
export async function listModels(
  account: Account,
  context: CallContext,
): Promise<readonly ModelInfo[]> {
  const response = await getModels(account, context);
  const text = await readText(response, { signal: context.signal, maxBytes: MAX_LIST_BYTES });
  context.signal.throwIfAborted();
  const models = readModels(text);
  if (models !== undefined) return models;
  const { provider, redact } = account;
  throw failWith({ provider, redact })('malformed', `${provider} sent a list that is no JSON`);
}

async function getModels(account: Account, { signal }: CallContext): Promise<Response> {
  const { http, provider, redact, clock } = account;
  const response = await http.get('models', { signal, fail: failWith({ provider, redact }) });
  if (response.status >= 200 && response.status < 300) return response;
  const requestId = readRequestId(response.headers, redact);
  const fail = failWith({ provider, requestId, redact });
  throw await refusalOf(response, { fail, provider, nowMs: clock.timestamp(), signal });
}

function readModels(text: string): readonly ModelInfo[] | undefined {
  let list: unknown;
  try {
    list = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isRecord(list)) return undefined;
  return arrayAt(list, 'data')
    .filter(isRecord)
    .flatMap((model) => {
      const id = textAt(model, 'id');
      // Compatible servers tell the window, each under its own name; OpenAI does not.
      const contextWindow = countAt(model, 'context_length') ?? countAt(model, 'max_model_len');
      return id === undefined ? [] : [{ id, contextWindow }];
    });
}
