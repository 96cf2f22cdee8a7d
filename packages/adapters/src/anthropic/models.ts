import type { CallContext, ModelInfo } from '@sluice/core';
import { arrayAt, countAt, isRecord, textAt } from '../transport/json.ts';
import { type ListRequest, readObject } from '../transport/list.ts';

/** The most models that one page may have. */
const PAGE_SIZE = 1_000;

/** The most pages that are read: a server that never comes to an end must not keep us for ever. */
const MAX_PAGES = 20;

/** Lists the models that the account may use, page by page. @throws {ProviderError} when the endpoint does not tell. */
export async function listModels(
  request: Omit<ListRequest, 'path'>,
  context: CallContext,
): Promise<readonly ModelInfo[]> {
  const models: ModelInfo[] = [];
  let after = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const list = await readObject({ ...request, path: pathOf(after) }, context);
    models.push(...arrayAt(list, 'data').flatMap(readModel));
    const lastId = textAt(list, 'last_id');
    if (list['has_more'] !== true || lastId === undefined) break;
    after = `&after_id=${encodeURIComponent(lastId)}`;
  }
  return models;
}

function pathOf(after: string): string {
  return `v1/models?limit=${PAGE_SIZE}${after}`;
}

function readModel(model: unknown): readonly ModelInfo[] {
  if (!isRecord(model)) return [];
  const id = textAt(model, 'id');
  return id === undefined ? [] : [{ id, contextWindow: countAt(model, 'max_input_tokens') }];
}
