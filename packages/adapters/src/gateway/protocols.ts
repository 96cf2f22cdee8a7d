/** The subprotocol that a gateway speaks over a WebSocket. The others only carry who asks, and are never chosen. */
export const GATEWAY_PROTOCOL = 'sluice.v1';

const BEARER = 'sluice.bearer.';
const TICKET = 'sluice.ticket.';

/** What a page offers to connect with: browsers cannot set headers on a WebSocket, and an address ends up in logs. */
export function offeredProtocols(token: string | undefined): readonly string[] {
  if (token === undefined) return [GATEWAY_PROTOCOL];
  return [GATEWAY_PROTOCOL, `${BEARER}${toBase64Url(token)}`];
}

/** What a page offers that bought a ticket. */
export function ticketProtocols(ticket: string): readonly string[] {
  return [GATEWAY_PROTOCOL, `${TICKET}${ticket}`];
}

/**
 * Reads the token that a request carries, in `Authorization: Bearer` or, on a WebSocket, among its subprotocols. For
 * `authenticate`. It only reads: compare in constant time, and never by presence.
 */
export function bearerToken(request: Request): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (header !== undefined) return header;
  const offered = protocolWith(request, BEARER);
  return offered === undefined ? undefined : fromBase64Url(offered);
}

/** Reads the ticket that a WebSocket's request carries. */
export function ticketOf(request: Request): string | undefined {
  return protocolWith(request, TICKET);
}

function protocolWith(request: Request, prefix: string): string | undefined {
  const offered = request.headers.get('sec-websocket-protocol')?.split(',') ?? [];
  const found = offered.map((name) => name.trim()).find((name) => name.startsWith(prefix));
  return found?.slice(prefix.length);
}

function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function fromBase64Url(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // a stranger wrote it: it is no token
  }
}
