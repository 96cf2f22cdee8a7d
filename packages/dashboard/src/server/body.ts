import { LIMITS } from './options.ts';

/** Reads the token of a body `{"token": "…"}`. Whatever else was sent is no token: it is empty, and so a wrong one. */
export async function readToken(request: Request): Promise<string> {
  try {
    const body: unknown = JSON.parse(await readText(request));
    const isObject = typeof body === 'object' && body !== null;
    const token = isObject && Object.hasOwn(body, 'token') && 'token' in body ? body.token : '';
    return typeof token === 'string' ? token : '';
  } catch {
    return '';
  }
}

/** Reads a small body; one beyond the bound is left and counts as empty. */
async function readText(request: Request): Promise<string> {
  const body: ReadableStream<Uint8Array> | null = request.body;
  const reader = body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length <= LIMITS.bodyBytes) continue;
    await reader.cancel();
    return '';
  }
}
