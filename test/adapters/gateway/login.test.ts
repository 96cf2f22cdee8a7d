import {
  bearerToken,
  createGateway,
  type GatewayOptions,
  type Principal,
} from '@sluice/adapters/gateway';
import { SluiceError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import {
  offeredProtocols,
  ticketProtocols,
} from '../../../packages/adapters/src/gateway/protocols.ts';
import { aGatewayByHand, readEvents, type GatewayByHand } from './a-gateway-by-hand.ts';
import { aSocket } from './a-socket.ts';

const PEER = { remoteAddress: '192.0.2.7' };

/** Knows Ann by her token, which a test may take from her. */
function aDoor(): { readonly options: GatewayOptions; readonly welcome: Set<string> } {
  const welcome = new Set(['ann-token']);
  const authenticate = (request: Request): Principal | null =>
    welcome.has(bearerToken(request) ?? '') ? { id: 'ann' } : null;
  return { options: { authenticate }, welcome };
}

function upgrade(protocols: readonly string[] = [], headers: Record<string, string> = {}): Request {
  const offered = protocols.length === 0 ? {} : { 'sec-websocket-protocol': protocols.join(', ') };
  return new Request('http://localhost/ws', {
    headers: { upgrade: 'websocket', ...offered, ...headers },
  });
}

async function statusOf(given: GatewayByHand, request: Request, info = PEER): Promise<number> {
  const admission = await given.gateway.admitSocket(request, info);
  return admission.ok ? 101 : admission.refusal.status;
}

describe('a socket', () => {
  it.each([
    ['in a header', upgrade([], { authorization: 'Bearer ann-token' }), 101],
    ['in a header, in any case', upgrade([], { authorization: 'bearer ann-token' }), 101],
    ['among its subprotocols', upgrade(offeredProtocols('ann-token')), 101],
    ['of somebody else', upgrade(offeredProtocols('eve-token')), 401],
    ['that is cut', upgrade(offeredProtocols('ann-toke')), 401],
    ['that is empty', upgrade(offeredProtocols('')), 401],
    ['that is no base64', upgrade(['sluice.v1', 'sluice.bearer.%%%']), 401],
    ['that is no UTF-8', upgrade(['sluice.bearer._____w']), 401],
    [
      'in the address',
      new Request('http://localhost/ws?token=ann-token', { headers: { upgrade: 'websocket' } }),
      401,
    ],
    ['not at all', upgrade(), 401],
  ])('with a token %s is answered before it is opened', async (_what, request, status) => {
    const given = await aGatewayByHand(aDoor().options);

    expect(await statusOf(given, request)).toBe(status);
  });

  it('is let in by a ticket, once, and for moments only', async () => {
    const given = await aGatewayByHand(aDoor().options);
    const buy = async (): Promise<string> => {
      const headers = { authorization: 'Bearer ann-token' };
      const response = await given.request('/api/tickets', { method: 'POST', headers });
      const body = (await response.json()) as { ticket: string; expires_in_ms: number };
      expect(body.expires_in_ms).toBe(30_000);
      return body.ticket;
    };
    const ticket = await buy();
    const late = await buy();

    const first = await statusOf(given, upgrade(ticketProtocols(ticket)));
    const again = await statusOf(given, upgrade(ticketProtocols(ticket)));
    await given.clock.advance(30_000);
    const tooLate = await statusOf(given, upgrade(ticketProtocols(late)));

    expect([first, again, tooLate]).toEqual([101, 401, 401]);
  });

  it('buys no ticket without a login, and none where there is no login', async () => {
    const closed = await aGatewayByHand(aDoor().options);
    const open = await aGatewayByHand();

    const refused = await closed.request('/api/tickets', { method: 'POST' });
    const missing = await open.request('/api/tickets', { method: 'POST' });

    expect([refused.status, missing.status]).toEqual([401, 404]);
  });

  it('is closed with 4401 within five minutes when its principal is no longer welcome', async () => {
    const { options, welcome } = aDoor();
    const given = await aGatewayByHand(options);
    const admission = await given.gateway.admitSocket(upgrade(offeredProtocols('ann-token')), PEER);
    if (!admission.ok) throw new Error('Ann must be let in');
    const socket = aSocket(given, { asker: admission.ticket });

    await given.clock.advance(299_000);
    await socket.say({ type: 'ping' }); // not idle
    await given.clock.advance(1_000);
    const isWelcome = socket.closeCode() === undefined;
    welcome.clear();
    await given.clock.advance(150_000);
    await socket.say({ type: 'ping' });
    await given.clock.advance(150_000);

    expect(isWelcome).toBe(true);
    expect(socket.closeCode()).toBe(4401);
    expect(given.clock.pending).toBe(0);
  });

  it('is asked for no longer once it is gone', async () => {
    const { options } = aDoor();
    const given = await aGatewayByHand(options);
    const admission = await given.gateway.admitSocket(upgrade(offeredProtocols('ann-token')), PEER);
    if (!admission.ok) throw new Error('Ann must be let in');
    const socket = aSocket(given, { asker: admission.ticket });

    await socket.drop();

    expect(given.clock.pending).toBe(0);
  });

  it('that came by a ticket is asked for by its principal', async () => {
    const asked: Principal[] = [];
    const { options } = aDoor();
    const recheck = (principal: Principal): null => {
      asked.push(principal);
      return null;
    };
    const given = await aGatewayByHand({ ...options, recheck });
    const headers = { authorization: 'Bearer ann-token' };
    const bought = await given.request('/api/tickets', { method: 'POST', headers });
    const { ticket } = (await bought.json()) as { ticket: string };
    const admission = await given.gateway.admitSocket(upgrade(ticketProtocols(ticket)), PEER);
    if (!admission.ok) throw new Error('The ticket must be good');
    const socket = aSocket(given, { asker: admission.ticket });

    await given.clock.advance(299_000);
    await socket.say({ type: 'ping' });
    await given.clock.advance(1_000);

    expect(asked).toEqual([{ id: 'ann' }]);
    expect(socket.closeCode()).toBe(4401);
  });

  it('is closed with 1013 when nobody can say whether its principal is welcome', async () => {
    const { options } = aDoor();
    const recheck = (): never => {
      throw new Error('The directory is down');
    };
    const given = await aGatewayByHand({ ...options, recheck, limits: { recheckMs: 1_000 } });
    const admission = await given.gateway.admitSocket(upgrade(offeredProtocols('ann-token')), PEER);
    if (!admission.ok) throw new Error('Ann must be let in');
    const socket = aSocket(given, { asker: admission.ticket });

    await given.clock.advance(1_000);

    expect(socket.closeCode()).toBe(1013);
  });
});

describe('an event stream', () => {
  it('ends with a goodbye when its principal is no longer welcome', async () => {
    const { options, welcome } = aDoor();
    const given = await aGatewayByHand(options);
    const headers = { authorization: 'Bearer ann-token' };
    const begun = await given.chat({ message: 'x' }, { ...headers, prefer: 'respond-async' });
    const { session } = (await begun.json()) as { session: string };
    const stream = readEvents(await given.request(`/api/sessions/${session}/events`, { headers }));
    welcome.clear();

    await given.clock.advance(300_000);

    expect(stream.told().at(-1)).toBe('goodbye unauthorized');
    expect(stream.isOver()).toBe(true);
  });

  it('asks for nobody who has left', async () => {
    let asked = 0;
    const { options } = aDoor();
    const recheck = (principal: Principal): Principal => {
      asked += 1;
      return principal;
    };
    const given = await aGatewayByHand({ ...options, recheck });
    const headers = { authorization: 'Bearer ann-token' };
    const begun = await given.chat({ message: 'x' }, { ...headers, prefer: 'respond-async' });
    const { session } = (await begun.json()) as { session: string };
    const stream = readEvents(await given.request(`/api/sessions/${session}/events`, { headers }));
    await given.clock.advance(300_000);

    await stream.leave();
    await given.clock.advance(900_000);

    expect(asked).toBe(1);
    expect(given.clock.pending).toBe(0);
  });
});

describe('an address that tries wrong logins', () => {
  it('is not listened to after ten in a minute, right or wrong, and others are', async () => {
    const given = await aGatewayByHand(aDoor().options);
    const wrong = (): Request => upgrade(offeredProtocols('guess'));
    const right = (): Request => upgrade(offeredProtocols('ann-token'));
    const statuses: number[] = [];

    for (let at = 0; at < 11; at += 1) statuses.push(await statusOf(given, wrong()));
    const meanwhile = await statusOf(given, right());
    const elsewhere = await statusOf(given, right(), { remoteAddress: '192.0.2.8' });
    await given.clock.advance(6_000);
    const later = await statusOf(given, right());

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect([meanwhile, elsewhere, later]).toEqual([429, 101, 101]);
    expect(given.gateway.stats().refused).toEqual({ unauthorized: 10, too_many_tries: 2 });
  });

  it('gains nothing by trying many at once', async () => {
    const given = await aGatewayByHand(aDoor().options);
    const wrong = (): Promise<number> => statusOf(given, upgrade(offeredProtocols('guess')));

    await Promise.all(Array.from({ length: 1_000 }, wrong));
    await given.clock.advance(599_000);
    const before = await wrong();
    await given.clock.advance(10_000);
    const after = await wrong();

    expect([before, after]).toEqual([429, 401]);
  });

  it('does not use its tries up by being right', async () => {
    const given = await aGatewayByHand(aDoor().options);

    for (let at = 0; at < 20; at += 1) {
      expect(await statusOf(given, upgrade(offeredProtocols('ann-token')))).toBe(101);
    }
  });
});

describe('a message that fails', () => {
  class Later extends SluiceError {
    readonly retryAfterMs = 2_500;
  }

  it.each([
    ['for want of room', new SluiceError('POOL_QUEUE_FULL', 'canary'), 503, 'busy', '1'],
    ['with a time to wait', new Later('RATE_LIMITED', 'canary'), 503, 'busy', '3'],
    ['for another reason', new Error('canary'), 500, 'reply_failed', null],
  ])(
    '%s is answered so, and says nothing of the error',
    async (_what, error, status, code, after) => {
      const given = await aGatewayByHand();
      const waiting = given.chat({ message: 'hello' });
      await given.clock.settle();

      given.handed[0]?.end(error);
      await given.clock.settle();
      const response = await waiting;

      expect(response.status).toBe(status);
      expect(response.headers.get('retry-after')).toBe(after);
      const body = await response.text();
      expect(JSON.parse(body)).toMatchObject({ code });
      expect(body).not.toContain('canary');
    },
  );
});

describe('an origin that may use a gateway', () => {
  it.each(['example.com', 'https://example.com/', '*', 'null'])(
    'is named as browsers send it, not as %s',
    (origin) => {
      expect(() => createGateway({ allowedOrigins: [origin] })).toThrow(/^allowedOrigins must be/);
      expect(() => createGateway({ allowedOrigins: ['https://example.com:8443'] })).not.toThrow();
    },
  );
});
