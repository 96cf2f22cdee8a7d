import type { Message } from './message.ts';

/** Counts tokens. Give an exact one where it matters; the estimate is good enough to fit a context. */
export interface Tokenizer {
  count(text: string): number;
}

/** Estimates one token for each 4 UTF-16 units, rounded up: the usual rule of thumb for English. */
export const charEstimate: Tokenizer = { count: (text) => Math.ceil(text.length / 4) };

/** What a message costs beyond its text: its role and its separators. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Counts the tokens of a message, tool calls and results included. Images, and what a provider did by itself, count
 * nothing: their price is the provider's.
 */
export function countMessage(message: Message, tokenizer: Tokenizer = charEstimate): number {
  if (typeof message.content === 'string') {
    return TOKENS_PER_MESSAGE + tokenizer.count(message.content);
  }
  let tokens = TOKENS_PER_MESSAGE;
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
      case 'thinking':
        tokens += tokenizer.count(part.text);
        break;
      case 'tool-call':
        tokens +=
          tokenizer.count(part.call.name) + tokenizer.count(JSON.stringify(part.call.input) ?? '');
        break;
      case 'tool-result':
        tokens += tokenizer.count(part.content);
        break;
      case 'image':
      case 'provider':
        break;
    }
  }
  return tokens;
}
