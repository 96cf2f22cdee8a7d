/** What tells a browser from a server. */
interface RuntimeGlobals {
  readonly navigator?: { readonly userAgent?: unknown } | undefined;
  readonly location?: unknown;
}

/**
 * Tells whether this code runs in a browser, its workers included, where whoever opens the page can read its keys. Every
 * browser calls itself Mozilla; Node, Deno, Bun and Cloudflare's workers call themselves by their names.
 */
export function isBrowser(globals: RuntimeGlobals = globalThis): boolean {
  const userAgent = globals.navigator?.userAgent;
  return typeof userAgent === 'string' && userAgent.startsWith('Mozilla/');
}

/** Tells whether an address may be left out: a page and its workers have one of their own, a program has none. */
export function hasOwnAddress(globals: RuntimeGlobals = globalThis): boolean {
  return globals.location !== undefined;
}

/** The runtime's own `fetch`, looked up at each call so that mocks which replace it are met. */
export const systemFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);
