// What a page bundles that asks one family through a pool of clients.
export { ClientPool } from '../../../packages/core/src/index.ts';
export { anthropic } from '../../../packages/adapters/src/anthropic/index.ts';
