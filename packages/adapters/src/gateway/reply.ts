import type { OutboundUsage } from '@sluice/core';
import type { Exchange, ReplySink } from './exchange.ts';
import type { Asker, WebGateway } from './gateway.ts';
import { type ChatRequest, type ChatResponse, wireUsage } from './protocol.ts';
import { refusalResponse, SAFE_HEADERS } from './refusal.ts';
import { SseReply } from './sse.ts';

/** A message over HTTP that passed every check but the session's. */
export interface HttpMessage {
  readonly request: Request;
  readonly asker: Asker;
  readonly chat: ChatRequest;
}

/** Answers with Server-Sent Events while the reply grows. */
export function streamReply(gateway: WebGateway, { request, asker, chat }: HttpMessage): Response {
  const sink = new SseReply(gateway.options);
  const result = gateway.submit({ asker, session: chat.session, sink });
  if (!result.ok) return refusalResponse(result.refusal);
  const { exchange } = result;
  sink.start(exchange);
  leaveOnAbort(request, exchange);
  gateway.dispatch(exchange, chat.message);
  return sink.response;
}

/** Answers with one JSON object when the reply is whole. */
export function wholeReply(
  gateway: WebGateway,
  { request, asker, chat }: HttpMessage,
): Promise<Response> | Response {
  let answer!: (response: Response) => void;
  const response = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const sink: ReplySink = {
    delta: () => undefined,
    final: (text, usage) => answer(chatResponse(text, session.id, usage)),
    fail: (code, text) => answer(failedReply(code, text)),
  };
  const result = gateway.submit({ asker, session: chat.session, sink });
  if (!result.ok) return refusalResponse(result.refusal);
  const { exchange } = result;
  const { session } = exchange;
  exchange.signal.addEventListener('abort', () =>
    answer(failedReply('unavailable', 'The sender went away')),
  );
  leaveOnAbort(request, exchange);
  gateway.dispatch(exchange, chat.message);
  return response;
}

function chatResponse(
  message: string,
  session: string,
  usage: OutboundUsage | undefined,
): Response {
  const body: ChatResponse = { message, session, usage: wireUsage(usage) };
  return Response.json(body, { headers: SAFE_HEADERS });
}

/** The statuses of replies that will not come. Any other code is a 500. */
const FAILURE_STATUS: Readonly<Record<string, number>> = {
  not_answered: 422,
  unavailable: 503,
  reply_timeout: 504,
};

function failedReply(code: string, error: string): Response {
  const status = FAILURE_STATUS[code] ?? 500;
  return Response.json({ error, code }, { status, headers: SAFE_HEADERS });
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
