import type { IncomingMessage } from 'node:http';

/** What came of reading a request's body. */
export type RequestBody =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'no-json' }
  | { readonly kind: 'too-long' }
  /** The caller left before its end. */
  | { readonly kind: 'broken' };

/** Reads a body of JSON, up to `maxBytes`. What is longer is not kept. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of request) {
      const buffer = piece as Buffer; // no encoding is set
      bytes += buffer.length;
      if (bytes > maxBytes) return { kind: 'too-long' };
      pieces.push(buffer);
    }
  } catch {
    return { kind: 'broken' };
  }
  try {
    return { kind: 'json', json: JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown };
  } catch {
    return { kind: 'no-json' };
  }
}
