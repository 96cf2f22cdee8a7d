import type { Lease } from '../pool/lease.ts';
import type { Client } from './client.ts';
import type { Member } from './member.ts';

/** A client, and whose it is. The holder ends the lease. */
export interface Grant {
  readonly lease: Lease<Client>;
  readonly member: Member;
}

/** What a caller asks for: a client of one of `members`, the earlier the better. */
export interface Wish {
  readonly members: readonly Member[];
  /** The model that it will ask for. Default: each member's own. */
  readonly model: string | undefined;
  /** Whether circuits and cooldowns are asked. They are not for a client that is lent by hand. */
  readonly asksTargets: boolean;
  readonly label: string | undefined;
  /** Default: what the pool says at which it stands first. */
  readonly timeoutMs: number | undefined;
  readonly priority: number | undefined;
  readonly tenant: string | undefined;
  /** Asked for only when the caller has to wait. */
  readonly signal: () => AbortSignal | undefined;
}

/** Whether a member may be asked now, its pool's room aside. */
export function isAskable(member: Member, wish: Pick<Wish, 'model' | 'asksTargets'>): boolean {
  if (member.port.status !== 'open') return false;
  if (!wish.asksTargets) return true;
  const target = member.target(wish.model);
  return target === undefined || target.admission().kind === 'admitted';
}

/** Whether a member will serve one more without anybody giving anything back. */
export function hasRoom(member: Member): boolean {
  const { inUse, waiting, maxSize } = member.port.stats;
  return inUse + waiting < maxSize;
}

/** Where a caller goes to first: who can be asked and has room for one more, else who can be asked, else the first. */
export function standFor(wish: Wish): Member {
  const askable = wish.members.filter((member) => isAskable(member, wish));
  return (askable.find(hasRoom) ?? askable[0] ?? wish.members[0]) as Member; // a wish names somebody
}

/** Whether `lend` would lend now. */
export function canServe(wish: Wish): boolean {
  return wish.members.some((member) => isAskable(member, wish) && member.port.canLend);
}

/** Lends a client of the first that can; `wait` tells of the wait that this ends. */
export function lend(
  wish: Wish,
  wait?: { readonly waiter: number; readonly waitMs: number },
): Grant | undefined {
  const { label, tenant } = wish;
  for (const member of wish.members) {
    if (!isAskable(member, wish)) continue;
    const lease = member.port.lend({ label, tenant, ...wait });
    if (lease !== undefined) return { lease, member };
  }
  return undefined;
}
