import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadableStream, type ReadableStream as NodeReadableStream } from 'node:stream/web';

/** Headers that the two ends of one connection tell each other; a web-standard `Request` does not carry them. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
]);

/**
 * Reads a request of `node:http` as a web-standard one, or `undefined` when it is none: two hosts, a target in absolute
 * form, by which proxies are confused, or a method such as TRACE that the web forbids.
 */
export function toWebRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const target = message.url ?? '/';
  const hosts = message.headersDistinct['host'] ?? [];
  const [host] = hosts;
  if (hosts.length !== 1 || host === undefined || !/^\/(?!\/)/.test(target)) return undefined;
  const hasBody = message.method !== 'GET' && message.method !== 'HEAD';
  try {
    return new Request(new URL(target, `http://${host}`), {
      method: message.method ?? 'GET',
      headers: headersOf(message),
      signal,
      ...(hasBody ? { body: bodyOf(message), duplex: 'half' as const } : {}),
    });
  } catch {
    return undefined; // a stranger wrote all of it: whatever does not fit is no request
  }
}

/** Writes a web-standard response. Resolves when it was sent, or when the peer left: then its body was cancelled. */
export async function sendWebResponse(response: Response, to: ServerResponse): Promise<void> {
  if (to.destroyed) {
    await response.body?.cancel();
    return;
  }
  to.setHeaders(response.headers);
  to.writeHead(response.status);
  if (response.body === null) {
    to.end();
    return;
  }
  to.flushHeaders(); // a stream's reader must know at once that it was accepted
  const reader = (response.body as NodeReadableStream<Uint8Array>).getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined); // the peer left: nobody is told
  to.once('close', cancel);
  // The stream may fail while the peer, who does not read, keeps us waiting: only a cut ends that.
  reader.closed.catch(() => to.destroy());
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (!to.write(read.value)) await drained(to);
    }
    to.end();
  } catch {
    to.destroy(); // the stream failed after its head was sent: only a cut tells the reader
  } finally {
    to.off('close', cancel);
  }
}

/**
 * Reads a body piece by piece. Unlike `Readable.toWeb`, leaving it does not cut the connection: the refusal of a body
 * must reach its sender. What is left of it is read by nobody; a refusal closes the connection.
 */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      message.pause();
      message.on('data', (chunk: Buffer) => {
        controller.enqueue(chunk);
        message.pause();
      });
      message.once('end', () => controller.close());
      message.once('error', (error) => controller.error(error));
      message.once('close', () => {
        if (!message.complete) controller.error(new DOMException('The peer hung up', 'AbortError'));
      });
    },
    pull: () => void message.resume(),
    cancel: () => void message.removeAllListeners('data').removeAllListeners('end').pause(),
  });
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (HOP_BY_HOP.has(name)) continue;
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
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
