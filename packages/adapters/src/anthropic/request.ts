import {
  type CompletionRequest,
  type JsonObject,
  jsonSchemaOf,
  type ToolChoice,
  type ToolDefinition,
} from '@sluice/core';
import { answerSchema } from './answer-schema.ts';
import { type ModelWays, waysOf } from './model-ways.ts';
import { encodeThinking } from './thinking.ts';
import { encodeTurns } from './turns.ts';
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
  /** How long an answer may be unless the request says, in tokens, thinking aside. Default: what is usual for the model. */
  readonly maxTokens?: number | undefined;
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
  const { messages, stop = [], tools = [], toolChoice, providerOptions } = request;
  const system = messages.flatMap((message) =>
    message.role === 'system' && message.content !== ''
      ? [{ type: 'text' as const, text: message.content }]
      : [],
  );
  const model = request.model ?? options.model;
  const ways = waysOf(model);
  const turns = encodeTurns(messages, options.provider);
  const { thinking, effort } = encodeThinking(request, { ways, turns });
  const body: MessagesRequest = {
    model,
    max_tokens: request.maxTokens ?? usualTokens(thinking, { ways, options }),
    messages: turns,
    stream: true,
    system: system.length === 0 ? undefined : system,
    tools: tools.length === 0 ? undefined : tools.map(encodeTool),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
    thinking,
    output_config: encodeOutput(request, effort),
    stop_sequences: stop.length === 0 ? undefined : stop,
    ...encodeTemperature(request, { ways, thinking }),
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

function encodeOutput(
  { output }: CompletionRequest,
  effort: MessageOutputConfig['effort'],
): MessageOutputConfig | undefined {
  if (output === undefined && effort === undefined) return undefined;
  const schema = output === undefined ? undefined : answerSchema(jsonSchemaOf(output.schema));
  return {
    format: schema === undefined ? undefined : { type: 'json_schema', schema },
    effort,
  };
}

/** Thinking with a budget comes on top of the answer, as far as the model can go. */
function usualTokens(
  thinking: MessageThinking | undefined,
  { ways, options }: { readonly ways: ModelWays; readonly options: EncodeOptions },
): number {
  const budget = thinking?.type === 'enabled' ? thinking.budget_tokens : 0;
  if (options.maxTokens !== undefined) return options.maxTokens + budget;
  return Math.min(ways.usualTokens + budget, ways.mostTokens);
}

/** A model that thinks takes neither; others take both, one of them, or neither. */
function encodeTemperature(
  { temperature, topP }: CompletionRequest,
  { ways, thinking }: { readonly ways: ModelWays; readonly thinking: MessageThinking | undefined },
): Pick<MessagesRequest, 'temperature' | 'top_p'> {
  const isThinking = thinking !== undefined && thinking.type !== 'disabled';
  if (isThinking || !ways.takesTemperature) return {};
  const isOneTooMany = temperature !== undefined && !ways.takesBothTemperatures;
  return { temperature, top_p: isOneTooMany ? undefined : topP };
}
