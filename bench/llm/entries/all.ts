// What a page bundles that asks all five families, without a pool.
export { anthropic } from '@sluice/adapters/anthropic';
export { gemini } from '@sluice/adapters/gemini';
export { ollama } from '@sluice/adapters/ollama';
export { openai } from '@sluice/adapters/openai';
