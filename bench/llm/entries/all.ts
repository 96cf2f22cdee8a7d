// What a page bundles that asks all five families, without a pool.
export { anthropic } from '../../../packages/adapters/src/anthropic/index.ts';
export { gemini } from '../../../packages/adapters/src/gemini/index.ts';
export { ollama } from '../../../packages/adapters/src/ollama/index.ts';
export { openai } from '../../../packages/adapters/src/openai/index.ts';
