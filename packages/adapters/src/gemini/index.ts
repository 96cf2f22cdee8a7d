// Gemini, at Google's own API and at Vertex.

export { DEFAULT_BASE_URL, fromEnv, gemini, type GeminiOptions } from './provider.ts';
export type { AccountOptions, Env } from '../transport/account.ts';
export type { GetToken } from '../transport/credentials.ts';
