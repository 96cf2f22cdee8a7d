import type { ContentPart, ToolResultPart } from './content.ts';

/** One message of a conversation with a model. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Instructions to the model. */
export interface SystemMessage {
  readonly role: 'system';
  readonly content: string;
}

/** What the person said. */
export interface UserMessage {
  readonly role: 'user';
  readonly content: string | readonly ContentPart[];
}

/** What the model said. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly ContentPart[];
}

/** What tools answered. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly content: readonly ToolResultPart[];
}

/** Makes a system message. */
export function systemMessage(content: string): SystemMessage {
  return { role: 'system', content };
}

/** Makes a user message of a text or of parts. */
export function userMessage(content: string | readonly ContentPart[]): UserMessage {
  return { role: 'user', content };
}

/** Makes an assistant message of a text or of parts. */
export function assistantMessage(content: string | readonly ContentPart[]): AssistantMessage {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content;
  return { role: 'assistant', content: parts };
}

/** Makes a message of tool results. */
export function toolMessage(content: readonly ToolResultPart[]): ToolMessage {
  return { role: 'tool', content };
}

/** Reads the text of a message: its text parts joined, without thinking, images and tools. */
export function textOf(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  let text = '';
  for (const part of message.content) if (part.type === 'text') text += part.text;
  return text;
}
