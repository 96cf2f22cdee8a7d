import type { CallContext, ModelInfo } from '@sluice/core';
import { arrayAt, countAt, isRecord, recordAt, textAt } from '../transport/json.ts';
import { type ListRequest, readObject } from '../transport/list.ts';

/** Lists the models that the server has at hand. @throws {ProviderError} when it does not tell. */
export async function listModels(
  request: ListRequest,
  context: CallContext,
): Promise<readonly ModelInfo[]> {
  const list = await readObject(request, context);
  return arrayAt(list, 'models')
    .filter(isRecord)
    .flatMap((model) => {
      const id = textAt(model, 'name') ?? textAt(model, 'model');
      const contextWindow = countAt(recordAt(model, 'details') ?? {}, 'context_length');
      return id === undefined ? [] : [{ id, contextWindow }];
    });
}
