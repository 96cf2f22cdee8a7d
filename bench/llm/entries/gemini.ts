// What a page bundles that asks one family through a pool of clients.
export { ClientPool } from '../../../packages/core/src/index.ts';
export { gemini } from '../../../packages/adapters/src/gemini/index.ts';
