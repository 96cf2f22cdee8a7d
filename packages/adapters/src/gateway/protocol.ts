import type { Json, JsonObject, OutboundUsage } from '@sluice/core';

/** What `POST /api/chat` takes, and a WebSocket's `chat` frame carries. */
export interface ChatRequest {
  /** What the person says. Not empty. */
  readonly message: string;
  /** The session to go on with, as the gateway named it. Default: a new one. */
  readonly session?: string | undefined;
  /** The client's own name for the message, carried by every frame that answers it. Default: none. */
  readonly id?: string | undefined;
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
  | ({ readonly type: 'chat' } & ChatRequest)
  | ResumeFrame
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'ping' };

/**
 * Asks to follow a session from now on: what is said in it no longer hangs on this one connection. Answered by
 * `resumed`, then what came after `after`. Without a session a new one begins.
 */
export interface ResumeFrame {
  readonly type: 'resume';
  readonly session?: string | undefined;
  /** The `event` of the last frame that was seen. Default: only what is still to come. */
  readonly after?: string | undefined;
}

/** What happens in a session. Followers get `event` beside, by which they can resume. */
export type SessionFrame =
  | { readonly type: 'accepted'; readonly session: string; readonly id?: string | undefined }
  | { readonly type: 'text_delta'; readonly content: string; readonly id?: string | undefined }
  | ({ readonly type: 'response'; readonly id?: string | undefined } & ChatResponse)
  | ({ readonly type: 'error'; readonly id?: string | undefined } & WireError);

/** A frame that the gateway sends over a WebSocket. Over SSE the `type` is the event's name. */
export type ServerFrame =
  | (SessionFrame & { readonly event?: string | undefined })
  | {
      readonly type: 'resumed';
      readonly session: string;
      /** The place of the latest frame. */
      readonly event: string;
      /** The client's own ids of messages that are not answered yet. */
      readonly pending: readonly string[];
    }
  | { readonly type: 'gap'; readonly session: string; readonly reason: GapReason }
  | { readonly type: 'goodbye'; readonly reason: GoodbyeReason }
  | { readonly type: 'pong' };

/** Why frames are missing: too old or too many, of another session or never sent, or the whole session is unknown. */
export type GapReason = 'expired' | 'event_unknown' | 'session_unknown';

/** Why an event stream ends. */
export type GoodbyeReason =
  | 'stopping'
  | 'replaced'
  | 'session_ended'
  | 'unauthorized'
  | 'unavailable';

/** How the gateway says that something went wrong: words for a person, a code for a program, nothing internal. */
export interface WireError {
  readonly error: string;
  readonly code: string;
  /** With `busy`: how long to wait before another try, in milliseconds. */
  readonly retry_after_ms?: number | undefined;
}

/** A value that was read, or the reason why not. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

/** Ids that clients may send: what the gateway mints, and what a client numbers its frames with. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads the body of `POST /api/chat`. Fields that it does not know are refused: a typing mistake must not pass. */
export function parseChatRequest(value: Json): Parsed<ChatRequest> {
  return parseChat(value, ['message', 'session', 'id']);
}

/** Reads a WebSocket frame. */
export function parseClientFrame(value: Json): Parsed<ClientFrame> {
  if (!isObject(value)) return bad('A frame must be a JSON object');
  const { type } = value;
  switch (type) {
    case 'ping':
      return { ok: true, value: { type } };
    case 'resume':
      return parseResume(value);
    case 'cancel':
      return isId(value['id']) ? { ok: true, value: { type, id: value['id'] } } : bad(BAD_ID);
    case 'chat': {
      const chat = parseChat(value, ['type', 'id', 'message', 'session']);
      return chat.ok ? { ok: true, value: { type, ...chat.value } } : chat;
    }
    default:
      return bad('"type" must be "chat", "resume", "cancel" or "ping"');
  }
}

/** Reads the id that a frame was given, also where the rest makes no sense: whoever sent it waits under that. */
export function idOfFrame(value: Json): string | undefined {
  return isObject(value) && isId(value['id']) ? value['id'] : undefined;
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

const BAD_ID = '"id" must be 1 to 64 letters, digits, "_" or "-"';
const BAD_SESSION = '"session" must be an id that the gateway gave';

function parseChat(value: Json, known: readonly string[]): Parsed<ChatRequest> {
  if (!isObject(value)) return bad('The body must be a JSON object');
  const unknown = refuseUnknown(value, known);
  if (unknown !== undefined) return unknown;
  const { message, session, id } = value;
  if (typeof message !== 'string' || message.trim() === '') {
    return bad('"message" must be a text that is not empty');
  }
  if (!isIdOrNothing(session)) return bad(BAD_SESSION);
  if (!isIdOrNothing(id)) return bad(BAD_ID);
  return { ok: true, value: { message, ...given({ session, id }) } };
}

function parseResume(value: JsonObject): Parsed<ResumeFrame> {
  const unknown = refuseUnknown(value, ['type', 'session', 'after']);
  if (unknown !== undefined) return unknown;
  const { session, after } = value;
  if (!isIdOrNothing(session)) return bad(BAD_SESSION);
  if (!isIdOrNothing(after)) return bad('"after" must be an event that the gateway gave');
  return { ok: true, value: { type: 'resume', ...given({ session, after }) } };
}

/** What is null is as if it were not there: other clients of this protocol write all of their fields. */
function refuseUnknown(value: JsonObject, known: readonly string[]): Refused | undefined {
  const isKnown = Object.keys(value).every((key) => known.includes(key) || value[key] === null);
  return isKnown ? undefined : bad(`Unknown field; known are ${known.join(', ')}`);
}

function isIdOrNothing(value: Json | undefined): value is string | null | undefined {
  return value === undefined || value === null || isId(value);
}

function given<K extends string>(
  fields: Readonly<Record<K, string | null | undefined>>,
): { readonly [P in K]?: string } {
  const entries = Object.entries(fields).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as { readonly [P in K]?: string };
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Refused = { readonly ok: false; readonly error: string };

function bad(error: string): Refused {
  return { ok: false, error };
}
