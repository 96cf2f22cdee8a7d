// Ollama, by its own wire. Its other one, OpenAI's, is read by `@sluice/adapters/openai`.

export {
  DEFAULT_BASE_URL,
  FIRST_BYTE_TIMEOUT_MS,
  fromEnv,
  ollama,
  type OllamaOptions,
} from './provider.ts';
export type { AccountOptions, Env } from '../transport/account.ts';
export type { GetToken } from '../transport/credentials.ts';
