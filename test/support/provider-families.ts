import { anthropic } from '@sluice/adapters/anthropic';
import { gemini } from '@sluice/adapters/gemini';
import { llm, type MockDialect } from '@sluice/adapters/msw';
import { ollama } from '@sluice/adapters/ollama';
import { openai } from '@sluice/adapters/openai';
import type { Clock, Provider } from '@sluice/core';

/** A key as no provider gives it, to be looked for where it must not be. */
export const CANARY_KEY = 'sk-canary-0123456789abcdef';

/** One wire that Sluice speaks, for tests that say the same of all of them. */
export interface ProviderFamily {
  /** As its dialect is called, in `llm` and among the mock server's `urls`. */
  readonly dialect: string;
  readonly mock: MockDialect;
  readonly make: (options: {
    readonly baseUrl?: string | undefined;
    readonly clock?: Clock | undefined;
    readonly fetch?: typeof fetch | undefined;
  }) => Provider;
}

const account = { apiKey: CANARY_KEY, model: 'model-x' } as const;

/** Every wire that Sluice speaks. */
export const PROVIDER_FAMILIES: readonly ProviderFamily[] = [
  {
    dialect: 'openai',
    mock: llm.openai,
    make: (options) => openai({ ...account, ...options }),
  },
  {
    dialect: 'responses',
    mock: llm.responses,
    make: (options) => openai({ ...account, api: 'responses', ...options }),
  },
  {
    dialect: 'anthropic',
    mock: llm.anthropic,
    make: (options) => anthropic({ ...account, ...options }),
  },
  { dialect: 'gemini', mock: llm.gemini, make: (options) => gemini({ ...account, ...options }) },
  { dialect: 'ollama', mock: llm.ollama, make: (options) => ollama({ ...account, ...options }) },
];
