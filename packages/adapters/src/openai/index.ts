// OpenAI's Chat Completions and Responses, and the many servers that speak them.

export { DEFAULT_BASE_URL, fromEnv, openai, type OpenAiOptions } from './provider.ts';
export type { ServerName } from './quirks.ts';
export type { AccountOptions, Env } from '../transport/account.ts';
export type { GetToken } from '../transport/credentials.ts';
