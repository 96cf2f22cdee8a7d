// Anthropic's Messages, and the servers that speak them.

export { anthropic, type AnthropicOptions, DEFAULT_BASE_URL, fromEnv } from './provider.ts';
export type { AccountOptions, Env } from '../transport/account.ts';
export type { GetToken } from '../transport/credentials.ts';
