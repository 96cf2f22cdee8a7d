import type { WireError } from './protocol.ts';

/** A request that is not served, as a status, a code for programs and words for people. Never an internal text. */
export interface Refusal {
  readonly status: number;
  readonly code: RefusalCode;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the rest of the request is not read: the connection is closed after the answer. */
  readonly hangsUp?: boolean | undefined;
}

/** Every code that a gateway refuses with. */
export type RefusalCode =
  | 'bad_json'
  | 'bad_request'
  | 'unauthorized'
  | 'origin_refused'
  | 'host_refused'
  | 'not_found'
  | 'session_unknown'
  | 'method_not_allowed'
  | 'body_timeout'
  | 'message_too_large'
  | 'not_json'
  | 'rate_limited'
  | 'too_many_tries'
  | 'too_many_pending'
  | 'duplicate'
  | 'too_many_sockets'
  | 'upgrade_required'
  | 'unavailable'
  | 'busy'
  | 'not_answered'
  | 'reply_failed'
  | 'reply_timeout'
  | 'internal';

/** What goes with every answer of the gateway: it is read by its own pages and by programs, never by other pages. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Writes a refusal as a response. A refused host learns nothing: its body is empty. */
export function refusalResponse(refusal: Refusal): Response {
  const headers = {
    ...SAFE_HEADERS,
    ...refusal.headers,
    ...(refusal.hangsUp === true ? { connection: 'close' } : {}),
  };
  if (refusal.code === 'host_refused') {
    return new Response(null, { status: refusal.status, headers });
  }
  const body: WireError = { error: refusal.error, code: refusal.code };
  return Response.json(body, { status: refusal.status, headers });
}

/** Says how long to wait, in whole seconds as the header wants it. */
export function retryAfter(delayMs: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(delayMs / 1000))) };
}
