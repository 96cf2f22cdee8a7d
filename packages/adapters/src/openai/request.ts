import type {
  AssistantMessage,
  CompletionRequest,
  ContentPart,
  JsonObject,
  Message,
  ThinkingOptions,
  ThinkingPart,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from '@sluice/core';
import { isRecord } from '../transport/json.ts';
import { callIdOf } from './call-id.ts';
import { argumentsText, effortOf, formatOf, imageUrl } from './options.ts';
import type { Quirks } from './quirks.ts';
import type {
  ChatAssistantMessage,
  ChatContentPart,
  ChatFormat,
  ChatMessage,
  ChatRequest,
  ChatTool,
  ChatToolCall,
  ChatToolChoice,
  JsonSchemaFormat,
} from './wire.ts';

/** What the endpoint, rather than the request, decides. */
export interface EncodeOptions {
  /** The client's model, unless the request names another. */
  readonly model: string;
  /** The provider's name: whose extras are sent back. */
  readonly provider: string;
  /** How the server wants to be asked. */
  readonly quirks: Quirks;
}

/**
 * Writes a request as the body of `POST /chat/completions`.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write, or the schema of the
 * answer cannot be written as JSON Schema.
 */
export function encodeRequest(
  request: CompletionRequest,
  options: EncodeOptions,
): ChatRequest & JsonObject {
  const { maxTokens, temperature, topP, stop = [], tools = [], toolChoice, seed } = request;
  const { output, thinking, providerOptions } = request;
  const { quirks } = options;
  const messages = request.messages.flatMap((message) => encodeMessage(message, options));
  const format = output === undefined ? undefined : formatOf(output);
  const body: ChatRequest = {
    model: options.model,
    messages: format === undefined ? messages : withFormat(messages, format, quirks),
    stream: true,
    stream_options: streamOptionsOf(quirks),
    tools: tools.length === 0 ? undefined : tools.map(encodeTool),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
    response_format: format === undefined ? undefined : encodeFormat(format, quirks),
    stop: stop.length === 0 ? undefined : stop,
    temperature,
    top_p: topP,
    [quirks.seedField]: seed,
    [quirks.maxTokensField]: maxTokens,
    ...encodeThinkingOptions(thinking, quirks),
  };
  // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
  return { ...body, ...providerOptions } as ChatRequest & JsonObject;
}

function streamOptionsOf({ streamOptions }: Quirks): ChatRequest['stream_options'] {
  switch (streamOptions) {
    case 'none':
      return undefined;
    case 'usage':
      return { include_usage: true };
    case 'usage-unpadded':
      // The padding hides the length of tokens from eavesdroppers, at a third of the bytes.
      return { include_usage: true, include_obfuscation: false };
  }
}

function encodeToolChoice(choice: ToolChoice): ChatToolChoice {
  return typeof choice === 'string'
    ? choice
    : { type: 'function', function: { name: choice.name } };
}

function encodeFormat(format: JsonSchemaFormat, { outputFormat }: Quirks): ChatFormat {
  if (outputFormat === 'json_object') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: format };
}

/** Where any JSON is all that can be asked for, the schema goes into the words, without which such servers refuse. */
function withFormat(
  messages: readonly ChatMessage[],
  { schema }: JsonSchemaFormat,
  { outputFormat }: Quirks,
): readonly ChatMessage[] {
  if (outputFormat === 'json_schema') return messages;
  const content = `Answer in JSON that fits this JSON Schema: ${JSON.stringify(schema)}`;
  return [{ role: 'system', content }, ...messages];
}

function encodeThinkingOptions(
  thinking: CompletionRequest['thinking'],
  { effortField, thinkingOff }: Quirks,
): JsonObject {
  if (thinking === undefined) return {};
  if (thinking === 'off') return thinkingOff;
  if (effortField === 'reasoning') return { reasoning: budgetOrEffort(thinking) };
  const effort = effortOf(thinking);
  return effort === undefined ? {} : { reasoning_effort: effort };
}

/** OpenRouter takes the one or the other. */
function budgetOrEffort({ budgetTokens, effort }: ThinkingOptions): JsonObject {
  if (budgetTokens !== undefined) return { max_tokens: budgetTokens };
  return effort === undefined ? { enabled: true } : { effort };
}

function encodeMessage(message: Message, options: EncodeOptions): readonly ChatMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [{ role: 'user', content: encodeUserContent(message.content) }];
    case 'assistant':
      return [encodeAssistant(message, options)];
    case 'tool':
      return message.content.map(({ callId, content }) => ({
        role: 'tool',
        tool_call_id: idOf(callId, options.quirks),
        content,
      }));
  }
}

function encodeUserContent(
  content: string | readonly ContentPart[],
): string | readonly ChatContentPart[] {
  return typeof content === 'string' ? content : content.map(encodeUserPart);
}

function encodeUserPart(part: ContentPart): ChatContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: imageUrl(part.source) } };
    case 'thinking':
    case 'tool-call':
    case 'tool-result':
    case 'provider':
      throw new TypeError(`A user's message cannot hold a part of type "${part.type}"`);
  }
}

function encodeAssistant(
  { content }: AssistantMessage,
  { provider, quirks }: EncodeOptions,
): ChatAssistantMessage {
  let text = '';
  const calls: ChatToolCall[] = [];
  const thoughts: ThinkingPart[] = [];
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') calls.push(encodeCall(part.call, quirks));
    else if (part.type === 'thinking') thoughts.push(part);
  }
  if (calls.length === 0) return { role: 'assistant', content: text };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls,
    // Servers that want the thinking back want it while tools are at work; elsewhere it only costs tokens.
    ...encodeThinking(thoughts, provider),
  };
}

/** Thinking goes back under the name it came by, to the provider it came from, and to no other. */
function encodeThinking(
  thoughts: readonly ThinkingPart[],
  provider: string,
): Partial<ChatAssistantMessage> {
  const own = thoughts.filter(({ extra }) => isRecord(extra?.[provider]));
  const extra = own.at(-1)?.extra?.[provider];
  if (extra === undefined) return {};
  const text = own.map((thought) => thought.text).join('');
  const { field, details } = extra;
  return {
    reasoning: field === 'reasoning' ? text : undefined,
    reasoning_content: field === 'reasoning_content' ? text : undefined,
    reasoning_details: Array.isArray(details) ? details.filter(isRecord) : undefined,
  };
}

function encodeCall(call: ToolCall, quirks: Quirks): ChatToolCall {
  const { id, name } = call;
  return {
    id: idOf(id, quirks),
    type: 'function',
    function: { name, arguments: argumentsText(call) },
  };
}

function idOf(id: string, { callIdLength }: Quirks): string {
  return callIdLength === undefined ? id : callIdOf(id, callIdLength);
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): ChatTool {
  return {
    type: 'function',
    function: { name, description, parameters: inputSchema },
  };
}
