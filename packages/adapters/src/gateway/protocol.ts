import type { Json, OutboundUsage } from '@sluice/core';

/** What `POST /api/chat` takes, and a WebSocket's `chat` frame carries. */
export interface ChatRequest {
  /** What the person says. Not empty. */
  readonly message: string;
  /** The session to go on with, as the gateway named it. Default: a new one. */
  readonly session?: string | undefined;
}

/** Tokens used, in the wire's spelling. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** What `POST /api/chat` answers without streaming, and the last frame of a stream. */
export interface ChatResponse {
  readonly message: string;
  readonly session: string;
  readonly usage: WireUsage;
}

/** A frame that a WebSocket client sends. `id` is the client's own: the frames that answer carry it. */
export type ClientFrame =
  | ({ readonly type: 'chat'; readonly id?: string | undefined } & ChatRequest)
  | { readonly type: 'ping' };

/** A frame that the gateway sends over a WebSocket. Over SSE the `type` is the event's name. */
export type ServerFrame =
  | { readonly type: 'accepted'; readonly session: string; readonly id?: string | undefined }
  | { readonly type: 'text_delta'; readonly content: string; readonly id?: string | undefined }
  | ({ readonly type: 'response'; readonly id?: string | undefined } & ChatResponse)
  | ({ readonly type: 'error'; readonly id?: string | undefined } & WireError)
  | { readonly type: 'pong' };

/** How the gateway says that something went wrong: words for a person, a code for a program, nothing internal. */
export interface WireError {
  readonly error: string;
  readonly code: string;
}

/** A value that was read, or the reason why not. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

/** Ids that clients may send: what the gateway mints, and what a client numbers its frames with. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads the body of `POST /api/chat`. Fields that it does not know are refused: a typing mistake must not pass. */
export function parseChatRequest(value: Json): Parsed<ChatRequest> {
  return parseChat(value, ['message', 'session']);
}

/** Reads a WebSocket frame. */
export function parseClientFrame(value: Json): Parsed<ClientFrame> {
  const type = isObject(value) ? value['type'] : undefined;
  if (type === 'ping') return { ok: true, value: { type } };
  if (type !== 'chat') return bad('"type" must be "chat" or "ping"');
  const chat = parseChat(value, ['type', 'id', 'message', 'session']);
  if (!chat.ok) return chat;
  const id = isObject(value) ? value['id'] : undefined;
  if (id === undefined || id === null) return { ok: true, value: { type, ...chat.value } };
  if (!isId(id)) return bad('"id" must be 1 to 64 letters, digits, "_" or "-"');
  return { ok: true, value: { type, id, ...chat.value } };
}

/** Writes usage in the wire's spelling. */
export function wireUsage(usage: OutboundUsage | undefined): WireUsage {
  const input = usage?.inputTokens ?? 0;
  const output = usage?.outputTokens ?? 0;
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

/** Tells whether a string may be an id of this protocol. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function parseChat(value: Json, known: readonly string[]): Parsed<ChatRequest> {
  if (!isObject(value)) return bad('The body must be a JSON object');
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) return bad(`Unknown field; known are ${known.join(', ')}`);
  const { message, session } = value;
  if (typeof message !== 'string' || message.trim() === '') {
    return bad('"message" must be a text that is not empty');
  }
  if (session === undefined || session === null) return { ok: true, value: { message } };
  if (!isId(session)) return bad('"session" must be an id that the gateway gave');
  return { ok: true, value: { message, session } };
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
