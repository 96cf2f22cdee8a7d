// What a page bundles that asks one family through a pool of clients.
export { ClientPool } from '@sluice/core';
export { openai } from '@sluice/adapters/openai';
