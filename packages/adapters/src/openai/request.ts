import type {
  AssistantMessage,
  CompletionRequest,
  ContentPart,
  JsonObject,
  Message,
  ThinkingPart,
  ToolCall,
  ToolDefinition,
} from '@sluice/core';
import { isRecord } from '../transport/json.ts';
import type {
  ChatAssistantMessage,
  ChatContentPart,
  ChatMessage,
  ChatRequest,
  ChatTool,
  ChatToolCall,
} from './wire.ts';

/** What the endpoint, rather than the request, decides. */
export interface EncodeOptions {
  /** The client's model, unless the request names another. */
  readonly model: string;
  /** The provider's name: whose extras are sent back. */
  readonly provider: string;
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** Leaves out the padding that hides the length of tokens from eavesdroppers: a third of the bytes. */
  readonly canOmitObfuscation: boolean;
}

/**
 * Writes a request as the body of `POST /chat/completions`.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write.
 */
export function encodeRequest(
  request: CompletionRequest,
  options: EncodeOptions,
): ChatRequest & JsonObject {
  const { maxTokens, temperature, topP, stop = [], tools = [], providerOptions } = request;
  const body: ChatRequest = {
    model: request.model ?? options.model,
    messages: request.messages.flatMap((message) => encodeMessage(message, options.provider)),
    stream: true,
    stream_options: {
      include_usage: true,
      include_obfuscation: options.canOmitObfuscation ? false : undefined,
    },
    tools: tools.length === 0 ? undefined : tools.map(encodeTool),
    stop: stop.length === 0 ? undefined : stop,
    temperature,
    top_p: topP,
    [options.maxTokensField]: maxTokens,
  };
  // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
  return { ...body, ...providerOptions } as ChatRequest & JsonObject;
}

function encodeMessage(message: Message, provider: string): readonly ChatMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [{ role: 'user', content: encodeUserContent(message.content) }];
    case 'assistant':
      return [encodeAssistant(message, provider)];
    case 'tool':
      return message.content.map(({ callId, content }) => ({
        role: 'tool',
        tool_call_id: callId,
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

function imageUrl(source: Extract<ContentPart, { type: 'image' }>['source']): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

function encodeAssistant({ content }: AssistantMessage, provider: string): ChatAssistantMessage {
  let text = '';
  const calls: ChatToolCall[] = [];
  const thoughts: ThinkingPart[] = [];
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') calls.push(encodeCall(part.call));
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

/** Arguments that did not parse go back as the model wrote them, so that it can see its mistake. */
function encodeCall({ id, name, input, inputError }: ToolCall): ChatToolCall {
  const isRaw = inputError !== undefined && typeof input === 'string';
  const args = isRaw ? input : (JSON.stringify(input) ?? '{}');
  return { id, type: 'function', function: { name, arguments: args } };
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): ChatTool {
  return {
    type: 'function',
    function: { name, description, parameters: inputSchema },
  };
}
