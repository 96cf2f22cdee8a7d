import type { SluiceError } from '../base/errors.ts';
import type { RefusalReason } from '../events/pool-event.ts';
import { PoolClosedError, PoolDrainingError } from '../pool/errors.ts';
import { CircuitOpenError, RateLimitedError } from '../resilience/errors.ts';
import type { Wish } from './lending.ts';
import type { Member } from './member.ts';

/** Why a wish is refused, in the word of events and as the caller sees it. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly error: SluiceError;
}

/**
 * Says why nobody will serve a wish within `timeoutMs`, as far as that is known now; `undefined` when somebody may. A
 * circuit that is open is not waited for; a limit is, when it ends in time.
 */
export function refusalOf(wish: Wish, timeoutMs: number): Refusal | undefined {
  const open: { readonly target: string; readonly retryAfterMs: number }[] = [];
  const cooling: typeof open = [];
  for (const member of wish.members) {
    if (member.port.status === 'draining' || member.port.status === 'closed') continue;
    const target = wish.asksTargets ? member.target(wish.model) : undefined;
    if (target === undefined) return undefined;
    const admission = target.admission();
    if (admission.kind === 'admitted') return undefined;
    const { kind, retryAfterMs } = admission;
    if (kind === 'cooling' && retryAfterMs <= timeoutMs) return undefined;
    (kind === 'cooling' ? cooling : open).push({ target: target.id, retryAfterMs });
  }
  if (cooling.length > 0) {
    return { reason: 'cooling', error: new RateLimitedError(soonest([...cooling, ...open])) };
  }
  if (open.length > 0) return { reason: 'circuitOpen', error: new CircuitOpenError(soonest(open)) };
  return endedRefusal(wish.members);
}

function soonest(refused: readonly { readonly target: string; readonly retryAfterMs: number }[]): {
  target: string;
  retryAfterMs: number;
} {
  return {
    target: refused.map(({ target }) => target).join(', '),
    retryAfterMs: Math.min(...refused.map(({ retryAfterMs }) => retryAfterMs)),
  };
}

/** Every pool has ended, or is about to. */
function endedRefusal(members: readonly Member[]): Refusal {
  const names = members.map(({ name }) => name).join(', ');
  return members.some(({ port }) => port.status === 'draining')
    ? { reason: 'draining', error: new PoolDrainingError(names) }
    : { reason: 'closed', error: new PoolClosedError(names) };
}
