/** What is needed of the Web Locks: one holder a name, the others wait in line. */
export interface LockLine {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    whileHeld: () => Promise<void>,
  ): Promise<unknown>;
}

/** The runtime's own locks, if it has any: browsers have them on pages that are secure. */
export function systemLocks(): LockLine | undefined {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: LockLine } };
  return navigator?.locks;
}
