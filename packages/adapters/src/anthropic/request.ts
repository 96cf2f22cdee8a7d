import {
  type CompletionRequest,
  type JsonObject,
  jsonSchemaOf,
  type ThinkingOptions,
  type ToolChoice,
  type ToolDefinition,
} from '@sluice/core';
import { closedSchema } from '../transport/schema.ts';
import { canThink, encodeTurns } from './turns.ts';
import type {
  MessageOutputConfig,
  MessagesRequest,
  MessageThinking,
  MessageTool,
  MessageToolChoice,
} from './wire.ts';

/** What the account, rather than the request, decides. */
export interface EncodeOptions {
  /** The client's model, unless the request names another. */
  readonly model: string;
  /** The provider's name: whose extras are sent back. */
  readonly provider: string;
  /** How long an answer may be unless the request says, in tokens, thinking aside: the wire wants to be told. */
  readonly maxTokens: number;
}

/**
 * Writes a request as the body of `POST /v1/messages`. The wire has no seed.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write, or a schema for the
 * answer cannot be written as JSON Schema.
 */
export function encodeRequest(
  request: CompletionRequest,
  options: EncodeOptions,
): MessagesRequest & JsonObject {
  const { messages, topP, stop = [], tools = [], toolChoice, providerOptions } = request;
  const system = messages.flatMap((message) =>
    message.role === 'system' && message.content !== ''
      ? [{ type: 'text' as const, text: message.content }]
      : [],
  );
  const turns = encodeTurns(messages, options.provider);
  const wanted = encodeThinking(request.thinking);
  const thinking = wanted?.type === 'enabled' && !canThink(turns) ? undefined : wanted;
  const body: MessagesRequest = {
    model: request.model ?? options.model,
    max_tokens: request.maxTokens ?? options.maxTokens + budgetOf(thinking),
    messages: turns,
    stream: true,
    system: system.length === 0 ? undefined : system,
    tools: tools.length === 0 ? undefined : tools.map(encodeTool),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
    thinking,
    output_config: encodeOutput(request),
    stop_sequences: stop.length === 0 ? undefined : stop,
    // A thinking model takes no other temperature than its own.
    temperature: isThinking(thinking) ? undefined : request.temperature,
    top_p: topP,
  };
  // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
  return { ...body, ...providerOptions } as MessagesRequest & JsonObject;
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): MessageTool {
  return { name, description, input_schema: inputSchema };
}

function encodeToolChoice(choice: ToolChoice): MessageToolChoice {
  switch (choice) {
    case 'auto':
    case 'none':
      return { type: choice };
    case 'required':
      return { type: 'any' };
    default:
      return { type: 'tool', name: choice.name };
  }
}

/** A budget is for the models that take one; the others think as far as the question, or the effort, asks for. */
function encodeThinking(
  thinking: ThinkingOptions | 'off' | undefined,
): MessageThinking | undefined {
  if (thinking === undefined) return undefined;
  if (thinking === 'off') return { type: 'disabled' };
  const { budgetTokens } = thinking;
  if (budgetTokens === undefined) return { type: 'adaptive' };
  return { type: 'enabled', budget_tokens: Math.max(budgetTokens, MIN_BUDGET) };
}

/** The wire refuses less. */
const MIN_BUDGET = 1_024;

function budgetOf(thinking: MessageThinking | undefined): number {
  return thinking?.type === 'enabled' ? thinking.budget_tokens : 0;
}

function isThinking(thinking: MessageThinking | undefined): boolean {
  return thinking !== undefined && thinking.type !== 'disabled';
}

function encodeOutput({ output, thinking }: CompletionRequest): MessageOutputConfig | undefined {
  const effort = typeof thinking === 'object' ? thinking.effort : undefined;
  if (output === undefined && effort === undefined) return undefined;
  const schema = output === undefined ? undefined : closedSchema(jsonSchemaOf(output.schema));
  return {
    format: schema === undefined ? undefined : { type: 'json_schema', schema },
    effort,
  };
}
