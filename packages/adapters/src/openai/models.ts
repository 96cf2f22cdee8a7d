import type { CallContext, ModelInfo } from '@sluice/core';
import { arrayAt, countAt, isRecord, textAt } from '../transport/json.ts';
import { type ListRequest, readObject } from '../transport/list.ts';

/** Lists the models that the account may use. @throws {ProviderError} when the endpoint does not tell. */
export async function listModels(
  request: ListRequest,
  context: CallContext,
): Promise<readonly ModelInfo[]> {
  const list = await readObject(request, context);
  return arrayAt(list, 'data')
    .filter(isRecord)
    .flatMap((model) => {
      const id = textAt(model, 'id');
      // Compatible servers tell the window, each under its own name; OpenAI does not.
      const contextWindow = countAt(model, 'context_length') ?? countAt(model, 'max_model_len');
      return id === undefined ? [] : [{ id, contextWindow }];
    });
}
