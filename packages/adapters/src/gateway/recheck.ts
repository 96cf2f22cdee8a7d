import type { Asker } from './asker.ts';
import type { ResolvedGatewayOptions } from './options.ts';

/** What becomes of a connection whose principal may no longer be here. */
export interface RecheckOutcome {
  /** The principal is no longer welcome. */
  readonly onRevoked: () => void;
  /** It could not be found out: who cannot be vouched for does not stay. */
  readonly onUnknown: () => void;
}

/** Asks every so often whether whoever holds a connection open is still welcome. Returns a function that stops. */
export function keepChecking(
  { owner, recheck }: Asker,
  { clock, limits }: ResolvedGatewayOptions,
  { onRevoked, onUnknown }: RecheckOutcome,
): () => void {
  if (recheck === undefined) return () => undefined;
  let isStopped = false;
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = clock.after(limits.recheckMs, () => void check(), { unref: true }); // never rejects
  };
  const check = async (): Promise<void> => {
    const verdict = await recheck().then(
      (principal) => (principal?.id === owner ? 'welcome' : 'revoked'),
      () => 'unknown',
    );
    if (isStopped) return;
    if (verdict === 'welcome') arm();
    else if (verdict === 'revoked') onRevoked();
    else onUnknown();
  };
  arm();
  return () => {
    isStopped = true;
    cancel();
  };
}
