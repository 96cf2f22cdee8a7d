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
  const answer = await answerTo({ gateway, request, info });
  if (answer instanceof Response) return answer;
  gateway.count(answer.code);
  return refusalResponse(answer);
}

/** Judges a request to become a WebSocket, before the upgrade is answered. */
export async function admitUpgrade(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<SocketAdmission> {
  const admission = await judgeUpgrade({ gateway, request, info });
  if (!admission.ok) gateway.count(admission.refusal.code);
  return admission;
}

async function judgeUpgrade(call: Call): Promise<SocketAdmission> {
  const { gateway, request, info } = call;
  const refusal = refuseSender(call);
  if (refusal !== undefined) return { ok: false, refusal };
  if (new URL(request.url).pathname !== '/ws') return { ok: false, refusal: NOT_FOUND };
  try {
    const found = await authenticated(gateway, request, info);
    if (!found.ok) return found;
    const tooMany = gateway.refuseConnection(found.asker.client);
    if (tooMany !== undefined) return { ok: false, refusal: tooMany };
    return { ok: true, ticket: found.asker };
  } catch {
    return { ok: false, refusal: INTERNAL }; // the host's authentication threw: nothing of it may leave the process
  }
}

/** One request on its way. */
interface Call {
  readonly gateway: WebGateway;
  readonly request: Request;
  readonly info: ConnectionInfo;
}

/** What is answered, or why not: refusals are counted in one place. */
type Answer = Response | Refusal;

async function answerTo(call: Call): Promise<Answer> {
  try {
    return refuseSender(call) ?? (await route(call));
  } catch {
    // The peer hung up, or an authentication or history of the host's threw: nothing of it may leave the process.
    return INTERNAL;
  }
}

function refuseSender({ gateway: { options }, request, info }: Call): Refusal | undefined {
  return checkHost(request, info, options) ?? checkOrigin(request, options);
}

function route(call: Call): Promise<Answer> | Answer {
  const { gateway, request } = call;
  const { pathname } = new URL(request.url);
  if (pathname === '/api/chat') return only(request, ['POST'], () => chat(call));
  if (pathname === '/api/tickets') return only(request, ['POST'], () => ticket(call));
  if (pathname === '/health') return only(request, ['GET', 'HEAD'], () => health(gateway));
  if (pathname === '/ws') return isUpgrade(request) ? NOT_FOUND : UPGRADE_REQUIRED;
  const [, id = '', rest] = SESSION_PATH.exec(pathname) ?? [];
  if (id === '') return NOT_FOUND;
  if (rest === undefined) return only(request, ['GET', 'DELETE'], () => session(call, id));
  return only(request, ['GET'], () => events(call, id));
}

async function chat({ gateway, request, info }: Call): Promise<Answer> {
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return found.refusal;
  const { asker } = found;
  const early =
    gateway.submissions.refuse() ?? gateway.refuseRate(asker) ?? refuseContentType(request);
  if (early !== undefined) return { ...early, hangsUp: true };
  const body = await readChat(gateway, request);
  if ('status' in body) return body;
  const wantsStream = request.headers.get('accept')?.includes('text/event-stream') === true;
  const message = { request, asker, chat: body };
  return wantsStream ? streamReply(gateway, message) : wholeReply(gateway, message);
}

/** Sells a ticket for one WebSocket, where there is a login at all. */
async function ticket({ gateway, request, info }: Call): Promise<Answer> {
  const { authenticate, limits } = gateway.options;
  if (authenticate === undefined) return NOT_FOUND;
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return found.refusal;
  const tooFast = gateway.refuseRate(found.asker);
  if (tooFast !== undefined) return tooFast;
  const body = { ticket: gateway.tickets.issue(found.asker), expires_in_ms: limits.ticketTtlMs };
  return Response.json(body, { headers: SAFE_HEADERS });
}

/** Follows a session. `Last-Event-ID` is what a reader sends that comes back; `after` what a new one knows. */
async function events({ gateway, request, info }: Call, id: string): Promise<Answer> {
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return found.refusal;
  const { asker } = found;
  const refusal = gateway.refuseRate(asker) ?? gateway.refuseConnection(asker.client);
  if (refusal !== undefined) return refusal;
  const known = isId(id) ? gateway.sessions.find(id, asker.owner) : undefined;
  if (known === undefined) return SESSION_NOT_FOUND;
  const { searchParams } = new URL(request.url);
  const after = request.headers.get('last-event-id') ?? searchParams.get('after') ?? undefined;
  return gateway.openStream(known, asker, after).response;
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

async function session({ gateway, request, info }: Call, id: string): Promise<Answer> {
  const found = await authenticated(gateway, request, info);
  if (!found.ok) return found.refusal;
  const { history } = gateway.options;
  const known = isId(id) ? gateway.sessions.find(id, found.asker.owner) : undefined;
  if (history === undefined || known === undefined) return SESSION_NOT_FOUND;
  const namespace = ['gateway', known.id];
  if (request.method === 'DELETE') {
    for (const each of known.pending) each.expire('The session was deleted', 'unavailable'); // or it would be remembered
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
  serve: () => Promise<Answer> | Answer,
): Promise<Answer> | Answer {
  if (methods.includes(request.method)) return serve();
  return {
    status: 405,
    code: 'method_not_allowed',
    error: `Use ${methods.join(' or ')}`,
    headers: { allow: methods.join(', ') },
    hangsUp: true,
  };
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

const SESSION_PATH = /^\/api\/sessions\/([^/]+)(\/events)?$/;

const INTERNAL: Refusal = {
  status: 500,
  code: 'internal',
  error: 'This request could not be served',
};

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
