import type { Asker, WebGateway } from './gateway.ts';
import type { ConnectionInfo } from './guard.ts';
import type { Refusal } from './refusal.ts';

/** Who asks, or why nobody listens to them. */
export type Authentication =
  | { readonly ok: true; readonly asker: Asker }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * Names who asks: by the host's own authentication, within its deadline.
 *
 * @throws what the host's authentication throws.
 */
export async function authenticated(
  gateway: WebGateway,
  request: Request,
  info: ConnectionInfo,
): Promise<Authentication> {
  const { authenticate, clock, limits } = gateway.options;
  if (authenticate === undefined) return { ok: true, asker: gateway.askerOf(undefined, info) };
  let cancelTimer = (): void => undefined;
  const late = new Promise<'late'>((resolve) => {
    cancelTimer = clock.after(limits.authenticateTimeoutMs, () => resolve('late'));
  });
  try {
    const principal = await Promise.race([authenticate(request), late]);
    if (principal === 'late') return { ok: false, refusal: TOO_LATE };
    if (principal === null) return { ok: false, refusal: UNAUTHORIZED };
    return { ok: true, asker: gateway.askerOf(principal, info) };
  } finally {
    cancelTimer();
  }
}

const UNAUTHORIZED: Refusal = {
  status: 401,
  code: 'unauthorized',
  error: 'Say who you are',
  headers: { 'www-authenticate': 'Bearer' },
  hangsUp: true,
};

const TOO_LATE: Refusal = {
  status: 503,
  code: 'unavailable',
  error: 'Who you are could not be found out in time; try again soon',
  headers: { 'retry-after': '1' },
  hangsUp: true,
};
