import type { PageAsset } from './assets.generated.ts';

/**
 * What the page may do: load its own script and style, talk to its own server, nothing else. Svelte makes its elements
 * from markup of its own, under the one policy that is named.
 */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ');

/** What goes with every answer of the dashboard's server. */
const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Answers with a status alone. */
export function plain(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, {
    status,
    headers: { ...SAFE_HEADERS, 'cache-control': 'no-store', ...headers },
  });
}

/** Answers with JSON that nobody keeps. */
export function json(body: unknown): Response {
  return Response.json(body, { headers: { ...SAFE_HEADERS, 'cache-control': 'no-store' } });
}

/** Answers with a stream of events. */
export function eventStream(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    headers: {
      ...SAFE_HEADERS,
      'cache-control': 'no-store',
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    },
  });
}

/** Answers with a file of the page. One whose name holds its hash never changes. */
export function asset(file: PageAsset): Response {
  return new Response(file.text, {
    headers: {
      ...SAFE_HEADERS,
      'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-type': file.type,
    },
  });
}
