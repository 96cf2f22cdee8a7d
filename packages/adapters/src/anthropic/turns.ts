import type {
  AssistantMessage,
  ContentPart,
  ImagePart,
  JsonObject,
  Message,
  ToolCall,
  ToolResultPart,
} from '@sluice/core';
import { isRecord } from '../transport/json.ts';
import type {
  ImageBlock,
  MessageBlock,
  MessageTurn,
  TextBlock,
  ToolResultBlock,
  ToolUseBlock,
} from './wire.ts';

/**
 * Writes messages as turns, which alternate: neighbours of one role become one turn, and the results of tools come
 * first in theirs. System messages are no turns.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write.
 */
export function encodeTurns(
  messages: readonly Message[],
  provider: string,
): readonly MessageTurn[] {
  const turns: { role: MessageTurn['role']; content: MessageBlock[] }[] = [];
  for (const message of messages) {
    const content = encodeMessage(message, provider);
    if (content.length === 0) continue; // the wire refuses an empty turn
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content: [...content] });
  }
  return turns.map(({ role, content }) => ({ role, content: resultsFirst(content) }));
}

/**
 * Tells whether the next turn may think within a budget. While tools are at work the wire refuses that, unless the turn
 * that called them began with thinking: not if another provider wrote it.
 */
export function canThink(turns: readonly MessageTurn[]): boolean {
  const isAtWork = turns.at(-1)?.content[0]?.type === 'tool_result';
  const began = turns.findLast(({ role }) => role === 'assistant')?.content[0]?.type;
  return !isAtWork || began === 'thinking' || began === 'redacted_thinking';
}

function encodeMessage(message: Message, provider: string): readonly MessageBlock[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return typeof message.content === 'string'
        ? encodeText(message.content)
        : message.content.flatMap((part) => encodeUserPart(part, provider));
    case 'assistant':
      return encodeAssistant(message, provider);
    case 'tool':
      return message.content.map(encodeResult);
  }
}

/** The wire refuses an empty text. */
function encodeText(text: string, own?: JsonObject): readonly MessageBlock[] {
  return text === '' ? [] : [{ type: 'text', text, ...own } satisfies TextBlock];
}

function encodeUserPart(part: ContentPart, provider: string): readonly MessageBlock[] {
  switch (part.type) {
    case 'text':
      return encodeText(part.text, part.extra?.[provider]);
    case 'image':
      return [{ type: 'image', source: encodeImage(part.source), ...part.extra?.[provider] }];
    case 'thinking':
    case 'tool-call':
    case 'tool-result':
    case 'provider':
      throw new TypeError(`A user's message cannot hold a part of type "${part.type}"`);
  }
}

/** The wire takes no `data:` URL where it takes a URL. */
function encodeImage(source: ImagePart['source']): ImageBlock['source'] {
  if (source.kind === 'base64') {
    return { type: 'base64', media_type: source.mediaType, data: source.data };
  }
  const { url } = source;
  const [head = '', data] = url.startsWith('data:') ? splitOnce(url.slice(5), ';base64,') : [];
  return data === undefined ? { type: 'url', url } : { type: 'base64', media_type: head, data };
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function encodeAssistant({ content }: AssistantMessage, provider: string): readonly MessageBlock[] {
  return content.flatMap((part): readonly MessageBlock[] => {
    switch (part.type) {
      case 'text':
        return encodeText(part.text, part.extra?.[provider]);
      case 'thinking':
        return encodeThinking(part.text, part.extra?.[provider]);
      case 'tool-call':
        return [encodeCall(part.call)];
      case 'provider': {
        const own = part.extra[provider];
        return own === undefined ? [] : [own];
      }
      case 'image': // no model of this wire writes one
      case 'tool-result':
        return [];
    }
  });
}

/** Thinking goes back as it came, to the provider it came from, and to no other: its signature is checked. */
function encodeThinking(text: string, own: JsonObject | undefined): readonly MessageBlock[] {
  if (own === undefined) return [];
  const { type, signature } = own;
  if (type === 'redacted_thinking') return [own];
  return typeof signature === 'string' ? [{ type: 'thinking', thinking: text, signature }] : [];
}

/** An input is an object. One that did not parse goes back within one, so that the model can see its mistake. */
function encodeCall({ id, name, input }: ToolCall): ToolUseBlock {
  const object = isRecord(input) ? input : { INVALID_JSON: input ?? null };
  return { type: 'tool_use', id: encodeId(id), name, input: object };
}

function encodeResult({ callId, content, isError }: ToolResultPart): ToolResultBlock {
  return {
    type: 'tool_result',
    tool_use_id: encodeId(callId),
    content,
    is_error: isError === true ? true : undefined,
  };
}

/** Ids that another provider made may hold what this wire refuses. */
function encodeId(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}

/** The results of tools must be first in the turn after the calls. */
function resultsFirst(content: readonly MessageBlock[]): readonly MessageBlock[] {
  const isResult = ({ type }: MessageBlock): boolean => type === 'tool_result';
  if (!content.some(isResult)) return content;
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}
