import { type Asker, askerOf, strangerAt } from './asker.ts';
import type { WebGateway } from './gateway.ts';
import { type ConnectionInfo, isUpgrade } from './guard.ts';
import type { Principal, ResolvedGatewayOptions } from './options.ts';
import { ticketOf } from './protocols.ts';
import { type Refusal, retryAfter } from './refusal.ts';

/** Who asks, or why nobody listens to them. */
export type Authentication =
  | { readonly ok: true; readonly asker: Asker }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Names who asks: by a ticket, or by the host's own authentication, within its deadline. An address that was wrong too
 * often is not listened to for a while.
 *
 * @throws what the host's authentication throws.
 */
export async function authenticated(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Authentication> {
  const { authenticate } = gateway.options;
  if (authenticate === undefined) return { ok: true, asker: strangerAt(info) };
  const { remoteAddress: address } = info;
  const waitMs = address === undefined ? 0 : gateway.wrongTries.wait(address);
  if (waitMs > 0) return refused({ ...TOO_MANY_TRIES, headers: retryAfter(waitMs) });

  const ticket = isUpgrade(request) ? ticketOf(request) : undefined;
  const asker =
    ticket === undefined
      ? await askHost(gateway.options, request)
      : (gateway.tickets.redeem(ticket) ?? null);
  if (asker === 'late') return refused(TOO_LATE);
  if (asker !== null) return { ok: true, asker };
  if (address !== undefined) gateway.wrongTries.charge(address); // also those that were under way together
  return refused(UNAUTHORIZED);
}

async function askHost(
  options: ResolvedGatewayOptions,
  request: Request,
): Promise<Asker | 'late' | null> {
  const { authenticate = () => null, recheck } = options;
  const principal = await within(options, authenticate(request));
  if (principal === 'late' || principal === null) return principal;
  const again =
    recheck === undefined ? askAgain(authenticate, request) : recheckOf(recheck, principal);
  return askerOf(principal, inTime(options, again));
}

/** Apart, so that it does not hold the request: of 10,000 sockets that is felt. */
function recheckOf(
  recheck: NonNullable<ResolvedGatewayOptions['recheck']>,
  principal: Principal,
): Ask {
  return () => recheck(principal);
}

function askAgain(
  authenticate: NonNullable<ResolvedGatewayOptions['authenticate']>,
  request: Request,
): Ask {
  return () => authenticate(request);
}

type Ask = () => Promise<Principal | null> | Principal | null;

function inTime(options: ResolvedGatewayOptions, ask: Ask): () => Promise<Principal | null> {
  return async () => {
    const found = await within(options, ask());
    if (found === 'late') throw new DOMException('Not found out in time', 'TimeoutError');
    return found;
  };
}

async function within(
  { clock, limits }: ResolvedGatewayOptions,
  asked: Promise<Principal | null> | Principal | null,
): Promise<Principal | 'late' | null> {
  let cancelTimer = (): void => undefined;
  const late = new Promise<'late'>((resolve) => {
    cancelTimer = clock.after(limits.authenticateTimeoutMs, () => resolve('late'));
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    cancelTimer();
  }
}

function refused(refusal: Refusal): Authentication {
  return { ok: false, refusal };
}

const UNAUTHORIZED: Refusal = {
  status: 401,
  code: 'unauthorized',
  error: 'Say who you are',
  headers: { 'www-authenticate': 'Bearer' },
  hangsUp: true,
};

const TOO_MANY_TRIES: Refusal = {
  status: 429,
  code: 'too_many_tries',
  error: 'Too many wrong tries; wait as long as Retry-After says',
  hangsUp: true,
};

const TOO_LATE: Refusal = {
  status: 503,
  code: 'unavailable',
  error: 'Who you are could not be found out in time; try again soon',
  headers: { 'retry-after': '1' },
  hangsUp: true,
};
