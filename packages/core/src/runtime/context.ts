import { type Message, systemMessage, type UserMessage } from '../message/message.ts';
import { countMessage, type Tokenizer } from '../message/tokenizer.ts';

/** What a turn could tell the model. */
export interface ContextParts {
  /** The system message. Empty: none. */
  readonly instructions: string;
  /** The conversation so far, the oldest first. */
  readonly history: readonly Message[];
  readonly message: UserMessage;
}

/** How much of it may be told. */
export interface ContextBudget {
  /** Instructions, history and message together, as the tokenizer counts. */
  readonly contextTokens: number;
  readonly tokenizer: Tokenizer;
}

/** What a turn tells the model. */
export interface FittedContext {
  readonly messages: readonly Message[];
  /** How many tokens that is, as the tokenizer counts. */
  readonly tokens: number;
  /** How many messages of the history, the oldest, were left out. */
  readonly leftOut: number;
}

/**
 * Fits a conversation into a budget: the newest history that has room, beginning with something the person said, so that
 * no answer stands without its question and no tool result without its call. Instructions and message always go, also
 * over the budget: then the provider's own limit decides.
 */
export function fitContext(parts: ContextParts, budget: ContextBudget): FittedContext {
  const { history, message } = parts;
  const count = (one: Message): number => countMessage(one, budget.tokenizer);
  const system = parts.instructions === '' ? [] : [systemMessage(parts.instructions)];
  let tokens = [...system, message].reduce((sum, one) => sum + count(one), 0);

  let first = history.length;
  for (let i = history.length - 1, total = tokens; i >= 0; i -= 1) {
    const candidate = history[i] as Message; // i is an index of history
    total += count(candidate);
    if (total > budget.contextTokens) break;
    if (candidate.role !== 'user') continue;
    first = i;
    tokens = total;
  }
  return { messages: [...system, ...history.slice(first), message], tokens, leftOut: first };
}
