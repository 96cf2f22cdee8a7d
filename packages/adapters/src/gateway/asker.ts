import type { ConnectionInfo } from './guard.ts';
import type { Principal } from './options.ts';

/** Who asks: by principal when the gateway authenticates, else by address. */
export interface Asker {
  /** What rates and connections are counted by. */
  readonly client: string;
  /** The principal's id, to whom sessions belong. */
  readonly owner: string | undefined;
  /** Asks again, for connections that stay open: `null` when they may not. Default: nobody is asked. */
  readonly recheck?: (() => Promise<Principal | null>) | undefined;
}

/** Names who asks without a principal. */
export function strangerAt({ remoteAddress }: ConnectionInfo): Asker {
  return { client: `address:${remoteAddress ?? 'unknown'}`, owner: undefined };
}

/** Names a principal, whose rate is its own wherever it connects from. */
export function askerOf(
  { id }: Principal,
  recheck: (() => Promise<Principal | null>) | undefined,
): Asker {
  return { client: `principal:${id}`, owner: id, recheck };
}
