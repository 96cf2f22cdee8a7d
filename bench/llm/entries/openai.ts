// What a page bundles that asks one family through a pool of clients.
export { ClientPool } from '../../../packages/core/src/index.ts';
export { openai } from '../../../packages/adapters/src/openai/index.ts';
