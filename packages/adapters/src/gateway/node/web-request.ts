import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

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
 * Reads a request of `node:http` as a web-standard one, or `undefined` when it is none: two hosts, or a target in
 * absolute form, by which proxies are confused.
 */
export function toWebRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const target = message.url ?? '/';
  const hosts = message.headersDistinct['host'] ?? [];
  const [host] = hosts;
  if (hosts.length !== 1 || host === undefined || !target.startsWith('/')) return undefined;
  if (!URL.canParse(target, `http://${host}`)) return undefined;
  const hasBody = message.method !== 'GET' && message.method !== 'HEAD';
  return new Request(new URL(target, `http://${host}`), {
    method: message.method ?? 'GET',
    headers: headersOf(message),
    signal,
    ...(hasBody
      ? {
          body: Readable.toWeb(message) as unknown as ReadableStream<Uint8Array>,
          duplex: 'half' as const,
        }
      : {}),
  });
}

/** Writes a web-standard response. Resolves when it was sent, or when the peer left: then its body was cancelled. */
export async function sendWebResponse(response: Response, to: ServerResponse): Promise<void> {
  to.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    to.end();
    return;
  }
  to.flushHeaders(); // a stream's reader must know at once that it was accepted
  const reader = (response.body as NodeReadableStream<Uint8Array>).getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined); // the peer left: nobody is told
  to.once('close', cancel);
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
