import type { Json, OutboundUsage } from '@sluice/core';
import { readBody } from './body.ts';
import type { ReplySink } from './exchange.ts';
import type { Asker, SocketAdmission, WebGateway } from './gateway.ts';
import { checkHost, checkOrigin, type ConnectionInfo, isUpgrade } from './guard.ts';
import { parseUntrustedJson } from './json.ts';
import {
  type ChatRequest,
  type ChatResponse,
  isId,
  parseChatRequest,
  wireUsage,
} from './protocol.ts';
import { type Refusal, refusalResponse, SAFE_HEADERS } from './refusal.ts';
import { SseReply } from './sse.ts';

/** Answers an HTTP request: limits, then host and origin, then who asks, then what is asked. */
export async function handleRequest(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Response> {
  try {
    const refusal =
      checkHost(request, info, gateway.options) ?? checkOrigin(request, gateway.options);
    return refusal === undefined ? await route(gateway, request, info) : refusalResponse(refusal);
  } catch {
    // The peer hung up, or an authentication or history of the host's threw: nothing of it may leave the process.
    return refusalResponse({
      status: 500,
      code: 'internal',
      error: 'This request could not be served',
    });
  }
}

/** Judges a request to become a WebSocket, before the upgrade is answered. */
export async function admitUpgrade(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<SocketAdmission> {
  const refusal =
    checkHost(request, info, gateway.options) ?? checkOrigin(request, gateway.options);
  if (refusal !== undefined) return { ok: false, refusal };
  if (new URL(request.url).pathname !== '/ws') return { ok: false, refusal: NOT_FOUND };
  const asker = await authenticated(gateway, request, info);
  if (asker === undefined) return { ok: false, refusal: UNAUTHORIZED };
  const tooMany = gateway.refuseSocket(asker.client);
  return tooMany === undefined ? { ok: true, ticket: asker } : { ok: false, refusal: tooMany };
}

function route(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Response> | Response {
  const { pathname } = new URL(request.url);
  if (pathname === '/api/chat') return only(request, ['POST'], () => chat(gateway, request, info));
  if (pathname === '/health') return only(request, ['GET', 'HEAD'], () => health(gateway));
  if (pathname === '/ws') {
    return isUpgrade(request) ? refusalResponse(NOT_FOUND) : refusalResponse(UPGRADE_REQUIRED);
  }
  const id = pathname.startsWith('/api/sessions/')
    ? pathname.slice('/api/sessions/'.length)
    : undefined;
  if (id === undefined) return refusalResponse(NOT_FOUND);
  return only(request, ['GET', 'DELETE'], () => session(gateway, request, info, id));
}

async function chat(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Response> {
  const asker = await authenticated(gateway, request, info);
  if (asker === undefined) return refusalResponse(UNAUTHORIZED);
  const early = gateway.refuseIntake() ?? gateway.refuseRate(asker) ?? refuseContentType(request);
  if (early !== undefined) return refusalResponse({ ...early, hangsUp: true });
  const body = await readChat(gateway, request);
  if ('status' in body) return refusalResponse(body);
  const wantsStream = request.headers.get('accept')?.includes('text/event-stream') === true;
  return wantsStream
    ? streamReply(gateway, request, asker, body)
    : wholeReply(gateway, request, asker, body);
}

/** Answers with Server-Sent Events while the reply grows. */
function streamReply(
  gateway: WebGateway,
  request: Request,
  asker: Asker,
  body: ChatRequest,
): Response {
  const sink = new SseReply(gateway.options);
  const result = gateway.submit({ asker, session: body.session, text: body.message, sink });
  if (!result.ok) return refusalResponse(result.refusal);
  const { exchange } = result;
  sink.start(exchange);
  leaveOnAbort(request.signal, exchange);
  gateway.dispatch(exchange, body.message);
  return sink.response;
}

/** Answers with one JSON object when the reply is whole. */
function wholeReply(
  gateway: WebGateway,
  request: Request,
  asker: Asker,
  body: ChatRequest,
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
  const result = gateway.submit({ asker, session: body.session, text: body.message, sink });
  if (!result.ok) return refusalResponse(result.refusal);
  const { exchange } = result;
  const { session } = exchange;
  leaveOnAbort(request.signal, exchange, () =>
    answer(failedReply('unavailable', 'The sender went away')),
  );
  gateway.dispatch(exchange, body.message);
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

function failedReply(code: string, error: string): Response {
  const status = code === 'reply_timeout' ? 504 : code === 'unavailable' ? 503 : 500;
  return Response.json({ error, code }, { status, headers: SAFE_HEADERS });
}

async function readChat(gateway: WebGateway, request: Request): Promise<ChatRequest | Refusal> {
  const { limits, clock } = gateway.options;
  const body = await readBody(request, {
    clock,
    maxBytes: limits.maxMessageBytes,
    timeoutMs: limits.bodyTimeoutMs,
  });
  if (!body.ok)
    return body.refusal === 'too-large' ? tooLarge(limits.maxMessageBytes) : BODY_TIMEOUT;
  const parsed = parseUntrustedJson(body.bytes);
  if (!parsed.ok) {
    return {
      status: 400,
      code: 'bad_json',
      error: `The body was refused: ${parsed.refusal}`,
      hangsUp: true,
    };
  }
  const chatRequest = parseChatRequest(parsed.value);
  return chatRequest.ok
    ? chatRequest.value
    : { status: 400, code: 'bad_request', error: chatRequest.error, hangsUp: true };
}

async function session(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
  id: string,
): Promise<Response> {
  const asker = await authenticated(gateway, request, info);
  if (asker === undefined) return refusalResponse(UNAUTHORIZED);
  const { history } = gateway.options;
  const known = isId(id) ? gateway.sessions.find(id, asker.owner) : undefined;
  if (history === undefined || known === undefined) return refusalResponse(SESSION_NOT_FOUND);
  const namespace = ['gateway', known.id];
  if (request.method === 'DELETE') {
    await history.delete(namespace);
    gateway.sessions.forget(known.id);
    return new Response(null, { status: 204, headers: SAFE_HEADERS });
  }
  const { messages } = await history.load(namespace);
  return Response.json(
    { session: known.id, messages: messages as Json },
    { headers: SAFE_HEADERS },
  );
}

function health(gateway: WebGateway): Response {
  const isAccepting = gateway.stats().isAccepting;
  const status = isAccepting ? 200 : 503;
  return Response.json(
    { status: isAccepting ? 'ok' : 'unavailable' },
    { status, headers: SAFE_HEADERS },
  );
}

/** Names who asks, or `undefined` for somebody whom the host does not know. */
async function authenticated(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Asker | undefined> {
  const { authenticate } = gateway.options;
  if (authenticate === undefined) return gateway.askerOf(undefined, info);
  const principal = await authenticate(request);
  return principal === null ? undefined : gateway.askerOf(principal, info);
}

function only(
  request: Request,
  methods: readonly string[],
  serve: () => Promise<Response> | Response,
): Promise<Response> | Response {
  if (methods.includes(request.method)) return serve();
  return refusalResponse({
    status: 405,
    code: 'method_not_allowed',
    error: `Use ${methods.join(' or ')}`,
    headers: { allow: methods.join(', ') },
    hangsUp: true,
  });
}

function refuseContentType(request: Request): Refusal | undefined {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return undefined;
  return { status: 415, code: 'not_json', error: 'Send application/json' };
}

function leaveOnAbort(signal: AbortSignal, exchange: { leave(): void }, then?: () => void): void {
  const leave = (): void => {
    exchange.leave();
    then?.();
  };
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true }); // the request's own signal: it ends with the request
}

function tooLarge(maxBytes: number): Refusal {
  return {
    status: 413,
    code: 'message_too_large',
    error: `A message may have ${maxBytes} bytes`,
    hangsUp: true,
  };
}

const BODY_TIMEOUT: Refusal = {
  status: 408,
  code: 'body_timeout',
  error: 'The body took too long to arrive',
  hangsUp: true,
};
const NOT_FOUND: Refusal = { status: 404, code: 'not_found', error: 'Nothing is served here' };
const SESSION_NOT_FOUND: Refusal = {
  status: 404,
  code: 'session_unknown',
  error: 'No such session',
};
const UNAUTHORIZED: Refusal = {
  status: 401,
  code: 'unauthorized',
  error: 'Say who you are',
  headers: { 'www-authenticate': 'Bearer' },
  hangsUp: true,
};
const UPGRADE_REQUIRED: Refusal = {
  status: 426,
  code: 'upgrade_required',
  error: 'Connect here with a WebSocket',
  headers: { upgrade: 'websocket' },
};
