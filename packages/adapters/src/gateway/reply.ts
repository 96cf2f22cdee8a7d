import type { Asker } from './asker.ts';
import type { Exchange, ReplySink } from './exchange.ts';
import type { WebGateway } from './gateway.ts';
import type { ChatRequest, SessionFrame } from './protocol.ts';
import { type Refusal, retryAfter, SAFE_HEADERS } from './refusal.ts';
import { SseStream } from './sse.ts';

/** A message over HTTP that passed every check but the session's. */
export interface HttpMessage {
  readonly request: Request;
  readonly asker: Asker;
  readonly chat: ChatRequest;
}

/** Whether the reply is to go on without this connection: `Prefer: respond-async` (RFC 7240). */
function isDetached(request: Request): boolean {
  const wishes = request.headers.get('prefer')?.toLowerCase().split(',') ?? [];
  return wishes.some((wish) => wish.trim() === 'respond-async');
}

const APPLIED: Readonly<Record<string, string>> = { 'preference-applied': 'respond-async' };

/** Answers with Server-Sent Events while the reply grows. */
export function streamReply(gateway: WebGateway, message: HttpMessage): Response | Refusal {
  const { request, asker, chat } = message;
  const detached = isDetached(request);
  const stream = new SseStream({
    options: gateway.options,
    headers: detached ? APPLIED : {},
    onLeft: () => {
      if (!detached && result.ok) result.exchange.leave();
    },
  });
  const sink: ReplySink = {
    frame: ({ frame, event }) => {
      stream.write(frame, event);
      if (isLast(frame)) stream.end();
    },
  };
  const result = gateway.submissions.submit({ asker, chat, sink });
  if (!result.ok) {
    stream.end();
    return result.refusal;
  }
  const { exchange } = result;
  if (!detached) leaveOnAbort(request, exchange);
  gateway.submissions.dispatch(exchange, chat.message);
  return stream.response;
}

/** Answers with one JSON object when the reply is whole, or at once when the sender prefers to read it elsewhere. */
export function wholeReply(
  gateway: WebGateway,
  message: HttpMessage,
): Promise<Response> | Response | Refusal {
  return isDetached(message.request) ? acknowledge(gateway, message) : awaitReply(gateway, message);
}

/** The reply goes to those who follow the session. */
function acknowledge(gateway: WebGateway, { asker, chat }: HttpMessage): Response | Refusal {
  let accepted = '';
  const sink: ReplySink = {
    frame: ({ frame, event }) => {
      if (frame.type === 'accepted') accepted = event;
    },
  };
  const result = gateway.submissions.submit({ asker, chat, sink });
  if (!result.ok) return result.refusal;
  const { exchange } = result;
  gateway.submissions.dispatch(exchange, chat.message);
  const body = { session: exchange.session.id, event: accepted };
  return Response.json(body, { status: 202, headers: { ...SAFE_HEADERS, ...APPLIED } });
}

function awaitReply(
  gateway: WebGateway,
  { request, asker, chat }: HttpMessage,
): Promise<Response> | Response | Refusal {
  let answer!: (response: Response) => void;
  const response = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const sink: ReplySink = {
    frame: ({ frame }) => {
      if (frame.type === 'response') answer(chatResponse(frame));
      if (frame.type === 'error') answer(failedReply(frame));
    },
  };
  const result = gateway.submissions.submit({ asker, chat, sink });
  if (!result.ok) return result.refusal;
  const { exchange } = result;
  exchange.signal.addEventListener('abort', () => answer(failedReply(GONE)));
  leaveOnAbort(request, exchange);
  gateway.submissions.dispatch(exchange, chat.message);
  return response;
}

function chatResponse({
  message,
  session,
  usage,
  id,
}: Extract<SessionFrame, { type: 'response' }>): Response {
  const body = { message, session, usage, ...(id === undefined ? {} : { id }) };
  return Response.json(body, { headers: SAFE_HEADERS });
}

const GONE = { error: 'The sender went away', code: 'unavailable' } as const;

/** The statuses of replies that will not come. Any other code is a 500. */
const FAILURE_STATUS: Readonly<Record<string, number>> = {
  not_answered: 422,
  unavailable: 503,
  busy: 503,
  reply_timeout: 504,
};

function failedReply({
  error,
  code,
  retry_after_ms: waitMs,
}: Pick<Extract<SessionFrame, { type: 'error' }>, 'error' | 'code' | 'retry_after_ms'>): Response {
  const status = FAILURE_STATUS[code] ?? 500;
  const headers = { ...SAFE_HEADERS, ...(waitMs === undefined ? {} : retryAfter(waitMs)) };
  return Response.json({ error, code }, { status, headers });
}

function isLast({ type }: SessionFrame): boolean {
  return type === 'response' || type === 'error';
}

/**
 * Ends an exchange when its sender hangs up. Node ties a request's signal to its source weakly, through the request: it
 * must stay reachable until the end, or nobody would hear of the hang-up. So the exchange holds on to it.
 */
function leaveOnAbort(request: Request, exchange: Exchange): void {
  const leave = (): void => exchange.leave();
  if (request.signal.aborted) return leave();
  request.signal.addEventListener('abort', leave, { once: true });
  exchange.beforeEnd(() => request.signal.removeEventListener('abort', leave));
}
