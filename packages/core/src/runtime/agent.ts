import { assertCount } from '../base/assert.ts';
import type { JsonObject } from '../base/json.ts';
import { charEstimate, type Tokenizer } from '../message/tokenizer.ts';

/** Who answers: a name, instructions, and what to ask of which model. */
export interface AgentDefinition {
  /** What routing rules call it. Case does not matter. */
  readonly name: string;
  /** What the model is told before the conversation, as its system message. Empty: nothing. */
  readonly instructions: string;
  /** The model to ask. Default: the client's own. */
  readonly model?: string | undefined;
  /** The provider to ask, by its name in the client pool. Default: whichever the pool chooses. */
  readonly provider?: string | undefined;
  /** The most tokens of one answer. Default: the provider's. */
  readonly maxTokens?: number | undefined;
  /** The most tokens of one request, as the tokenizer counts: the oldest history is left out beyond it. Default 8,000. */
  readonly contextTokens?: number | undefined;
  /** From 0 to the provider's bound (1 or 2). Default: the provider's. */
  readonly temperature?: number | undefined;
  /** From 0 to 1. Default: the provider's. */
  readonly topP?: number | undefined;
  /** Fields of the provider's own wire, merged last into the body. */
  readonly providerOptions?: JsonObject | undefined;
  /** Counts the tokens of the context. Default: one for each 4 characters. */
  readonly tokenizer?: Tokenizer | undefined;
}

/** A definition that was checked, with its defaults filled in. */
export interface ResolvedAgent extends AgentDefinition {
  readonly contextTokens: number;
  readonly tokenizer: Tokenizer;
}

/** What an agent has unless its definition says otherwise: a context that a small local model can hold, too. */
export const AGENT_DEFAULTS: { readonly contextTokens: number; readonly tokenizer: Tokenizer } = {
  contextTokens: 8_000,
  tokenizer: charEstimate,
};

/**
 * Checks a definition and fills in its defaults.
 *
 * @throws {TypeError} when the name is empty, or a number of tokens is not an integer of at least 1.
 */
export function resolveAgent(definition: AgentDefinition): ResolvedAgent {
  const { name, maxTokens } = definition;
  if (name.trim() === '') throw new TypeError('An agent needs a name that is not empty');
  const contextTokens = definition.contextTokens ?? AGENT_DEFAULTS.contextTokens;
  assertCount(`contextTokens of agent "${name}"`, contextTokens);
  if (maxTokens !== undefined) assertCount(`maxTokens of agent "${name}"`, maxTokens);
  return {
    ...definition,
    contextTokens,
    tokenizer: definition.tokenizer ?? AGENT_DEFAULTS.tokenizer,
  };
}
