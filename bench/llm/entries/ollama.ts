// What a page bundles that asks one family through a pool of clients.
export { ClientPool } from '../../../packages/core/src/index.ts';
export { ollama } from '../../../packages/adapters/src/ollama/index.ts';
