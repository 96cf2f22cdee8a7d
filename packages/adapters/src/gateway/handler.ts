import type { Json } from '@sluice/core';
import { authenticated } from './authenticate.ts';
import { readBody } from './body.ts';
import type { SocketAdmission, WebGateway } from './gateway.ts';
import { checkHost, checkOrigin, type ConnectionInfo, isUpgrade } from './guard.ts';
import { parseUntrustedJson } from './json.ts';
import { type ChatRequest, isId, parseChatRequest } from './protocol.ts';
import { type Refusal, refusalResponse, SAFE_HEADERS } from './refusal.ts';
import { streamReply, wholeReply } from './reply.ts';

/** Answers an HTTP request: limits, then host and origin, then who asks, then what is asked. */
export async function handleRequest(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Response> {
  try {
    const refusal =
      checkHost(request, info, gateway.options) ?? checkOrigin(request, gateway.options);
    return refusal === undefined
      ? await route({ gateway, request, info })
      : refusalResponse(refusal);
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
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return found;
  const tooMany = gateway.refuseSocket(found.asker.client);
  if (tooMany !== undefined) return { ok: false, refusal: tooMany };
  return { ok: true, ticket: found.asker };
}

/** One request on its way. */
interface Call {
  readonly gateway: WebGateway;
  readonly request: Request;
  readonly info: ConnectionInfo;
}

function route(call: Call): Promise<Response> | Response {
  const { gateway, request } = call;
  const { pathname } = new URL(request.url);
  if (pathname === '/api/chat') return only(request, ['POST'], () => chat(call));
  if (pathname === '/health') return only(request, ['GET', 'HEAD'], () => health(gateway));
  if (pathname === '/ws') {
    return isUpgrade(request) ? refusalResponse(NOT_FOUND) : refusalResponse(UPGRADE_REQUIRED);
  }
  if (!pathname.startsWith(SESSIONS)) return refusalResponse(NOT_FOUND);
  const id = pathname.slice(SESSIONS.length);
  return only(request, ['GET', 'DELETE'], () => session(call, id));
}

async function chat({ gateway, request, info }: Call): Promise<Response> {
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return refusalResponse(found.refusal);
  const { asker } = found;
  const early = gateway.refuseIntake() ?? gateway.refuseRate(asker) ?? refuseContentType(request);
  if (early !== undefined) return refusalResponse({ ...early, hangsUp: true });
  const body = await readChat(gateway, request);
  if ('status' in body) return refusalResponse(body);
  const wantsStream = request.headers.get('accept')?.includes('text/event-stream') === true;
  const message = { request, asker, chat: body };
  return wantsStream ? streamReply(gateway, message) : wholeReply(gateway, message);
}

async function readChat(gateway: WebGateway, request: Request): Promise<ChatRequest | Refusal> {
  const { limits, clock } = gateway.options;
  const body = await readBody(request, {
    clock,
    maxBytes: limits.maxMessageBytes,
    timeoutMs: limits.bodyTimeoutMs,
  });
  if (!body.ok) {
    return body.refusal === 'too-large' ? tooLarge(limits.maxMessageBytes) : BODY_TIMEOUT;
  }
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

async function session({ gateway, request, info }: Call, id: string): Promise<Response> {
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return refusalResponse(found.refusal);
  const { history } = gateway.options;
  const known = isId(id) ? gateway.sessions.find(id, found.asker.owner) : undefined;
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

function tooLarge(maxBytes: number): Refusal {
  return {
    status: 413,
    code: 'message_too_large',
    error: `A message may have ${maxBytes} bytes`,
    hangsUp: true,
  };
}

const SESSIONS = '/api/sessions/';

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
const UPGRADE_REQUIRED: Refusal = {
  status: 426,
  code: 'upgrade_required',
  error: 'Connect here with a WebSocket',
  headers: { upgrade: 'websocket' },
};
