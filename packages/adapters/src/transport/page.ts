/** What a page tells of its life, and a program never does. */
export interface PageLife {
  /** Calls `fn` when the page is looked at again, comes back from where it was kept, or the network is back. */
  onWake(fn: () => void): () => void;
  /** Calls `fn` when the page is about to be kept for later: an open connection would keep it from that. */
  onSleep(fn: () => void): () => void;
}

type Listen = (type: string, listener: (event: unknown) => void) => void;

/** The little that is read of a page. */
interface PageGlobals {
  readonly addEventListener?: Listen | undefined;
  readonly removeEventListener?: Listen | undefined;
  readonly document?:
    | {
        readonly visibilityState: string;
        readonly addEventListener: Listen;
        readonly removeEventListener: Listen;
      }
    | undefined;
}

/** The page that this code runs in; in a program it never sleeps. */
export const systemPage: PageLife = pageOf(globalThis);

/**
 * Reads a page's life: `visibilitychange`, `pageshow`, `resume` and `online` wake it, `pagehide` of a page that is kept
 * and `freeze` put it to sleep.
 */
export function pageOf(page: PageGlobals): PageLife {
  const { document } = page;
  return {
    onWake: (fn) => {
      const whenVisible = (): void => {
        if (document?.visibilityState === 'visible') fn();
      };
      return all(
        listen(document, 'visibilitychange', whenVisible),
        listen(document, 'resume', fn),
        listen(page, 'pageshow', fn),
        listen(page, 'online', fn),
      );
    },
    onSleep: (fn) => {
      const whenKept = (event: unknown): void => {
        if ((event as { readonly persisted?: unknown }).persisted === true) fn();
      };
      return all(listen(page, 'pagehide', whenKept), listen(document, 'freeze', fn));
    },
  };
}

function listen(
  target: Pick<PageGlobals, 'addEventListener' | 'removeEventListener'> | undefined,
  type: string,
  listener: (event: unknown) => void,
): () => void {
  target?.addEventListener?.(type, listener);
  return () => target?.removeEventListener?.(type, listener);
}

function all(...ends: readonly (() => void)[]): () => void {
  return () => {
    for (const end of ends) end();
  };
}
