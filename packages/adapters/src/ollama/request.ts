import {
  type AssistantMessage,
  type CompletionRequest,
  type ContentPart,
  type JsonObject,
  jsonSchemaOf,
  type Message,
  textOf,
  type ToolCall,
  type ToolDefinition,
} from '@sluice/core';
import type { WireRequest } from '../transport/family.ts';
import { isRecord } from '../transport/json.ts';
import type {
  OllamaAssistantMessage,
  OllamaMessage,
  OllamaModelOptions,
  OllamaRequest,
  OllamaTool,
  OllamaToolCall,
} from './wire.ts';

/** What the account, rather than the request, decides. */
export interface EncodeOptions {
  readonly model: string;
  /** The provider's name: whose thinking is sent back. */
  readonly provider: string;
  /** How many tokens of context the model is loaded with. Default: the server's. */
  readonly numCtx?: number | undefined;
  readonly keepAlive?: string | number | undefined;
}

/**
 * Writes a request as `POST /api/chat`. There is no choice of tools on this wire: `none` offers none, any other is the
 * model's.
 *
 * `providerOptions` are merged last; `options` in them field by field, so that one field keeps the others.
 *
 * @throws {TypeError} when a user's message holds an image by URL, which the server does not fetch, or parts that only a
 * model or a tool can write.
 */
export function encodeRequest(request: CompletionRequest, options: EncodeOptions): WireRequest {
  const { messages, tools = [], toolChoice, output, thinking, providerOptions = {} } = request;
  const { model, provider, keepAlive } = options;
  const offered = toolChoice === 'none' ? [] : tools;
  const body: OllamaRequest = {
    model,
    messages: messages.flatMap((message) => encodeMessage(message, provider)),
    stream: true,
    tools: offered.length === 0 ? undefined : offered.map(encodeTool),
    format: output === undefined ? undefined : jsonSchemaOf(output.schema),
    think: thinking === undefined ? undefined : encodeThinking(thinking, model),
    keep_alive: keepAlive,
  };
  const modelOptions = withFields(encodeOptions(request, options), providerOptions['options']);
  return {
    path: 'api/chat',
    // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
    body: { ...body, ...providerOptions, options: modelOptions } as unknown as JsonObject,
  };
}

function encodeOptions(request: CompletionRequest, { numCtx }: EncodeOptions): OllamaModelOptions {
  const { maxTokens, temperature, topP, seed, stop = [] } = request;
  return {
    temperature,
    top_p: topP,
    num_predict: maxTokens,
    num_ctx: numCtx,
    seed,
    stop: stop.length === 0 ? undefined : stop,
  };
}

function withFields(options: OllamaModelOptions, more: unknown): OllamaModelOptions | undefined {
  const all = { ...options, ...(isRecord(more) ? more : {}) };
  return Object.values(all).every((value) => value === undefined) ? undefined : all;
}

/** Levels are understood by gpt-oss, and refused by all others. */
function encodeThinking(
  thinking: NonNullable<CompletionRequest['thinking']>,
  model: string,
): OllamaRequest['think'] {
  if (thinking === 'off') return false;
  return model.includes('gpt-oss') ? (thinking.effort ?? true) : true;
}

function encodeMessage(message: Message, provider: string): readonly OllamaMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [encodeUser(message.content)];
    case 'assistant':
      return [encodeAssistant(message, provider)];
    case 'tool':
      return message.content.map(({ callId, name, content }) => ({
        role: 'tool',
        content,
        // Older servers know a result by its tool, newer ones by its call.
        tool_name: name,
        tool_call_id: callId,
      }));
  }
}

function encodeUser(content: string | readonly ContentPart[]): OllamaMessage {
  if (typeof content === 'string') return { role: 'user', content };
  const images = content.flatMap(imagesOf);
  return {
    role: 'user',
    content: textOf({ role: 'user', content }),
    images: images.length === 0 ? undefined : images,
  };
}

function imagesOf(part: ContentPart): readonly string[] {
  switch (part.type) {
    case 'text':
      return [];
    case 'image':
      return [base64Of(part.source)];
    default:
      throw new TypeError(`A user's message cannot hold a part of type "${part.type}"`);
  }
}

function base64Of(source: Extract<ContentPart, { type: 'image' }>['source']): string {
  if (source.kind === 'base64') return source.data;
  const data = /^data:[^,]{0,100};base64,(.*)$/s.exec(source.url)?.[1];
  if (data === undefined) {
    throw new TypeError('Ollama fetches no image: give its bytes as base64, not its URL');
  }
  return data;
}

function encodeAssistant(message: AssistantMessage, provider: string): OllamaAssistantMessage {
  const calls = message.content.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
  const content = textOf(message);
  if (calls.length === 0) return { role: 'assistant', content };
  return {
    role: 'assistant',
    content,
    // Models that think between calls want their own thinking back; elsewhere it only costs tokens.
    thinking: ownThinking(message, provider),
    tool_calls: calls.map(encodeCall),
  };
}

function ownThinking({ content }: AssistantMessage, provider: string): string | undefined {
  let text = '';
  for (const part of content) {
    if (part.type === 'thinking' && isRecord(part.extra?.[provider])) text += part.text;
  }
  return text === '' ? undefined : text;
}

/** Arguments that did not parse go back as the model wrote them, in the only form that the wire has for them. */
function encodeCall({ id, name, input }: ToolCall, index: number): OllamaToolCall {
  return { id, function: { index, name, arguments: isRecord(input) ? input : { input } } };
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): OllamaTool {
  return { type: 'function', function: { name, description, parameters: inputSchema } };
}
