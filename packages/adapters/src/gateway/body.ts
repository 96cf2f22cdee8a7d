import type { Clock } from '@sluice/core';

/** A body that was read, or why it was not. */
export type BodyResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly refusal: 'too-large' | 'too-slow' };

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads a request's body up to a size and a deadline. What crosses either is cancelled, so that the rest is never read.
 *
 * @throws what the body's stream throws, when the peer hangs up in the middle.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<BodyResult> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limits.maxBytes) {
    await request.body?.cancel();
    return { ok: false, refusal: 'too-large' };
  }
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  const reader = request.body.getReader();
  let isLate = false;
  const cancelTimer = limits.clock.after(limits.timeoutMs, () => {
    isLate = true;
    void reader.cancel(); // ends the read under way; its failure is the read's
  });
  try {
    const bytes = await readUpTo(reader, limits.maxBytes);
    if (isLate) return { ok: false, refusal: 'too-slow' };
    return bytes === undefined ? { ok: false, refusal: 'too-large' } : { ok: true, bytes };
  } finally {
    cancelTimer();
  }
}

async function readUpTo(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(pieces, size);
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    pieces.push(value);
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}
