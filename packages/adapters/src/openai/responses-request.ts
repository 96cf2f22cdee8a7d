import {
  type AssistantMessage,
  type CompletionRequest,
  type ContentPart,
  type JsonObject,
  type Message,
  type ProviderExtra,
  textOf,
  type ToolChoice,
  type ToolDefinition,
  type ToolMessage,
} from '@sluice/core';
import { isRecord } from '../transport/json.ts';
import { argumentsText, effortOf, formatOf, imageUrl } from './options.ts';
import type {
  ResponsesInput,
  ResponsesRequest,
  ResponsesTool,
  ResponsesToolChoice,
  ResponsesUserPart,
} from './responses-wire.ts';

/** What the endpoint, rather than the request, decides. */
export interface ResponsesEncodeOptions {
  /** The client's model, unless the request names another. */
  readonly model: string;
  /** The provider's name: whose extras are sent back. */
  readonly provider: string;
  /** Leaves out the padding that hides the length of tokens from eavesdroppers: a third of the bytes. */
  readonly canOmitObfuscation: boolean;
}

/**
 * Writes a request as the body of `POST /responses`. Nothing is left with the provider: the whole conversation travels,
 * with the model's thinking in it, encrypted.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write, and for stop sequences,
 * which this wire does not have.
 */
export function encodeResponsesRequest(
  request: CompletionRequest,
  options: ResponsesEncodeOptions,
): ResponsesRequest & JsonObject {
  const { messages, maxTokens, temperature, topP, stop = [], tools = [], output } = request;
  if (stop.length > 0) {
    throw new TypeError('The Responses API has no stop sequences: leave stop out, or use api chat');
  }
  const { toolChoice, thinking, providerOptions } = request;
  const { model } = options;
  const effort = effortOf(thinking);
  const { instructions, rest } = splitInstructions(messages);
  const body: ResponsesRequest = {
    model,
    instructions,
    input: encodeMessages(rest, options.provider),
    stream: true,
    stream_options: options.canOmitObfuscation ? { include_obfuscation: false } : undefined,
    store: false,
    include: isPlain(model) ? undefined : ['reasoning.encrypted_content'],
    tools: tools.length === 0 ? undefined : tools.map(encodeTool),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
    max_output_tokens: maxTokens,
    temperature,
    top_p: topP,
    text:
      output === undefined ? undefined : { format: { type: 'json_schema', ...formatOf(output) } },
    reasoning: reasoningOf(thinking, effort),
  };
  // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
  return { ...body, ...providerOptions } as ResponsesRequest & JsonObject;
}

/** Models that do not think answer 400, "Encrypted content is not supported with this model". */
function isPlain(model: string): boolean {
  return /^(?:gpt-3|gpt-4|chatgpt-|gpt-5(?:\.\d+)?-chat)/.test(model);
}

function reasoningOf(
  thinking: CompletionRequest['thinking'],
  effort: string | undefined,
): ResponsesRequest['reasoning'] {
  if (thinking === undefined) return undefined;
  if (thinking === 'off') return { effort: 'none' };
  return { ...(effort === undefined ? {} : { effort }), summary: 'auto' };
}

/** What the system says first is the instructions; what it says later keeps its place in the conversation. */
function splitInstructions(messages: readonly Message[]): {
  readonly instructions: string | undefined;
  readonly rest: readonly Message[];
} {
  const found = messages.findIndex(({ role }) => role !== 'system');
  const count = found === -1 ? messages.length : found;
  if (count === 0) return { instructions: undefined, rest: messages };
  const texts = messages.slice(0, count).map(textOf);
  return { instructions: texts.join('\n\n'), rest: messages.slice(count) };
}

function encodeMessages(messages: readonly Message[], provider: string): readonly ResponsesInput[] {
  const customIds = customCallIds(messages, provider);
  return messages.flatMap((message): readonly ResponsesInput[] => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: message.content }];
      case 'user':
        return [{ role: 'user', content: encodeUserContent(message.content) }];
      case 'assistant':
        return encodeAssistant(message, provider);
      case 'tool':
        return encodeResults(message, customIds);
    }
  });
}

function encodeUserContent(
  content: string | readonly ContentPart[],
): string | readonly ResponsesUserPart[] {
  return typeof content === 'string' ? content : content.map(encodeUserPart);
}

function encodeUserPart(part: ContentPart): ResponsesUserPart {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', image_url: imageUrl(part.source) };
    case 'thinking':
    case 'tool-call':
    case 'tool-result':
    case 'provider':
      throw new TypeError(`A user's message cannot hold a part of type "${part.type}"`);
  }
}

/** Items in their order: thinking must come right before what it led to. */
function encodeAssistant(
  { content }: AssistantMessage,
  provider: string,
): readonly ResponsesInput[] {
  const items = content.flatMap((part) => encodeAssistantPart(part, provider));
  // Thinking that led to nothing, as in an answer that was cut, is refused with 400.
  while (isReasoning(items.at(-1))) items.pop();
  return items;
}

function encodeAssistantPart(part: ContentPart, provider: string): readonly ResponsesInput[] {
  switch (part.type) {
    case 'text': {
      if (part.text === '') return [];
      const annotations = ownExtra(part.extra, provider)?.['annotations'];
      const text = { type: 'output_text', text: part.text } as const;
      const sources = Array.isArray(annotations)
        ? { annotations: annotations.filter(isRecord) }
        : {};
      return [{ role: 'assistant', content: [{ ...text, ...sources }] }];
    }
    case 'thinking':
    case 'provider': {
      const item = ownExtra(part.extra, provider)?.['item'];
      return isRecord(item) && canReturn(item) ? [item] : [];
    }
    case 'tool-call': {
      const { id: call_id, name, input } = part.call;
      if (isCustom(part, provider) && typeof input === 'string') {
        return [{ type: 'custom_tool_call', call_id, name, input }];
      }
      return [{ type: 'function_call', call_id, name, arguments: argumentsText(part.call) }];
    }
    case 'image':
    case 'tool-result':
      return [];
  }
}

/** Nothing is stored, so that a server knows an item of thinking only by what the item holds. */
function canReturn(item: Readonly<Record<string, unknown>>): boolean {
  if (!isReasoning(item)) return true;
  return typeof item['encrypted_content'] === 'string' || Array.isArray(item['content']);
}

function isReasoning(item: ResponsesInput | undefined): boolean {
  return item !== undefined && 'type' in item && item['type'] === 'reasoning';
}

/** A result has no extra: whether it is a custom tool's is known from the call. */
function customCallIds(messages: readonly Message[], provider: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue;
    for (const part of content) {
      if (part.type === 'tool-call' && isCustom(part, provider)) ids.add(part.call.id);
    }
  }
  return ids;
}

function isCustom(part: Extract<ContentPart, { type: 'tool-call' }>, provider: string): boolean {
  return ownExtra(part.extra, provider)?.['type'] === 'custom_tool_call';
}

function encodeResults(
  { content }: ToolMessage,
  customIds: ReadonlySet<string>,
): readonly ResponsesInput[] {
  return content.map(({ callId, content: output }) => ({
    type: customIds.has(callId) ? 'custom_tool_call_output' : 'function_call_output',
    call_id: callId,
    output,
  }));
}

function ownExtra(extra: ProviderExtra | undefined, provider: string): JsonObject | undefined {
  return extra?.[provider];
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): ResponsesTool {
  return { type: 'function', name, description, parameters: inputSchema, strict: false };
}

function encodeToolChoice(choice: ToolChoice): ResponsesToolChoice {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name };
}
