import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Reads a request of `node:http` as a web-standard one, or `undefined` when it is none: no host or two, or a target in
 * absolute form.
 */
export function toRequest(message: IncomingMessage): Request | undefined {
  const target = message.url ?? '/';
  const hosts = message.headersDistinct['host'] ?? [];
  const base = `http://${hosts[0] ?? ''}`;
  if (hosts.length !== 1 || !target.startsWith('/') || !URL.canParse(target, base))
    return undefined;
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = message.method === 'POST';
  return new Request(new URL(target, base), {
    method: message.method ?? 'GET',
    headers,
    ...(hasBody
      ? {
          body: Readable.toWeb(message) as unknown as ReadableStream<Uint8Array>,
          duplex: 'half' as const,
        }
      : {}),
  });
}

/** Writes a web-standard response, as fast as the peer reads. A peer that leaves cancels the body. */
export async function sendResponse(response: Response, to: ServerResponse): Promise<void> {
  to.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  if (reader === undefined) {
    to.end();
    return;
  }
  to.flushHeaders();
  to.once('close', () => void reader.cancel().catch(() => undefined)); // nobody is left to be told
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (!to.write(read.value)) await drained(to);
  }
  to.end();
}

function drained(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done);
      to.off('close', done);
      resolve();
    };
    to.once('drain', done);
    to.once('close', done);
  });
}
