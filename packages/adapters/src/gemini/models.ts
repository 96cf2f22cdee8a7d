import type { CallContext, ModelInfo } from '@sluice/core';
import { arrayAt, countAt, isRecord, textAt } from '../transport/json.ts';
import { type ListRequest, readObject } from '../transport/list.ts';

/** The most pages that are read: a server that always names another page must not be followed for ever. */
const MAX_PAGES = 20;

/**
 * Lists the models that the account may use, those alone that answer to `generateContent`, page by page.
 *
 * @throws {ProviderError} when the endpoint does not tell.
 */
export async function listModels(
  request: ListRequest,
  context: CallContext,
): Promise<readonly ModelInfo[]> {
  const models: ModelInfo[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const after = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
    const list = await readObject(
      { ...request, path: `${request.path}?pageSize=1000${after}` },
      context,
    );
    models.push(...arrayAt(list, 'models').flatMap(readModel));
    token = textAt(list, 'nextPageToken');
    if (token === undefined) break;
  }
  return models;
}

function readModel(model: unknown): readonly ModelInfo[] {
  if (!isRecord(model)) return [];
  const name = textAt(model, 'name');
  const methods = arrayAt(model, 'supportedGenerationMethods');
  if (name === undefined || (methods.length > 0 && !methods.includes('generateContent'))) return [];
  return [{ id: name.replace(/^models\//, ''), contextWindow: countAt(model, 'inputTokenLimit') }];
}
