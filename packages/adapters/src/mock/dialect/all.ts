import { anthropicDialect } from './anthropic.ts';
import type { AskingRequest, Ask, Dialect } from './dialect.ts';
import { geminiDialect } from './gemini.ts';
import { ollamaDialect } from './ollama.ts';
import { openaiDialect } from './openai.ts';
import { responsesDialect } from './responses.ts';

/** Every dialect that a mock server speaks at once. Where two want the same path, the first that asks for it counts. */
export const DIALECTS: readonly Dialect[] = [
  anthropicDialect,
  geminiDialect,
  ollamaDialect,
  openaiDialect,
  responsesDialect,
];

/** Finds whose request it is, and what it wants. */
export function dialectOf(
  request: AskingRequest,
): { readonly dialect: Dialect; readonly ask: Ask } | undefined {
  for (const dialect of DIALECTS) {
    const ask = dialect.ask(request);
    if (ask !== undefined) return { dialect, ask };
  }
  return undefined;
}
