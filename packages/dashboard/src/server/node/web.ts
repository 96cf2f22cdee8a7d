import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Reads a request of `node:http` as a web-standard one, or `undefined` when it is none: no host or two, a target in
 * absolute form, a method that the web forbids.
 */
export function toRequest(message: IncomingMessage): Request | undefined {
  const target = message.url ?? '';
  const hosts = message.headersDistinct['host'] ?? [];
  if (hosts.length !== 1 || !/^\/(?!\/)/.test(target)) return undefined;
  const isPost = message.method === 'POST';
  try {
    // Who is asked for stands in the `Host` header, which is checked; the URL needs a path alone.
    return new Request(new URL(target, 'http://localhost'), {
      method: message.method ?? 'GET',
      headers: headersOf(message),
      ...(isPost ? { body: bodyOf(message), duplex: 'half' as const } : {}),
    });
  } catch {
    return undefined; // a stranger wrote all of it
  }
}

/** Writes a web-standard response, as fast as the peer reads. A peer that leaves cancels the body. */
export async function sendResponse(response: Response, to: ServerResponse): Promise<void> {
  const reader = response.body?.getReader();
  if (to.destroyed) return reader?.cancel();
  if (!to.req.complete) to.setHeader('connection', 'close'); // the rest of a body is not read
  to.setHeaders(response.headers).writeHead(response.status);
  if (reader === undefined) {
    to.end();
    return;
  }
  to.flushHeaders(); // a reader must know at once that it was let in
  to.once('close', () => void reader.cancel().catch(() => undefined)); // nobody is left to be told
  // The body may be cut while a peer that does not read keeps us waiting below: then only this ends the wait.
  reader.closed.catch(() => to.destroy());
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (!to.write(read.value)) await drained(to);
  }
  to.end();
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

/** Unlike `Readable.toWeb`, leaving it does not cut the connection: the refusal must reach the sender. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
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
