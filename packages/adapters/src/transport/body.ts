import { type Fail, networkFailure } from './failure.ts';
import { ignore } from './ignore.ts';

/** How a body is read to its end. */
export interface ReadTextOptions {
  readonly signal: AbortSignal;
  /** What is beyond is not read: the text is cut there. */
  readonly maxBytes: number;
}

/** The most bytes of one answer, after inflating: 50 MiB. An endless one must not fill the memory. */
export const MAX_ANSWER_BYTES = 52_428_800;

/** How a body is read piece by piece. */
export interface ReadBodyOptions {
  readonly signal: AbortSignal;
  readonly fail: Fail;
  readonly provider: string;
  /** Called for each piece, whatever is in it. Default: nobody. */
  readonly onBytes?: (() => void) | undefined;
}

/**
 * Reads a body piece by piece as it comes. However that ends, the rest is cancelled: an unread body keeps its socket.
 *
 * @throws {ProviderError} `network` when the connection breaks, `malformed` when the answer passes 50 MiB.
 */
export async function* readBody(
  response: Response,
  { signal, fail, provider, onBytes }: ReadBodyOptions,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  try {
    for await (const piece of pieces(response, signal)) {
      bytes += piece.byteLength;
      if (bytes > MAX_ANSWER_BYTES) break;
      onBytes?.();
      yield piece;
    }
  } catch (thrown) {
    throw networkFailure(fail, `The connection to ${provider} broke`, thrown);
  }
  if (bytes > MAX_ANSWER_BYTES) {
    throw fail('malformed', `${provider} sent more than ${MAX_ANSWER_BYTES} bytes`);
  }
}

/** Reads a body as text, up to a bound, and cancels the rest. A body that breaks off is told as far as it came. */
export async function readText(
  response: Response,
  { signal, maxBytes }: ReadTextOptions,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let room = maxBytes;
  try {
    for await (const piece of pieces(response, signal)) {
      text += decoder.decode(piece.subarray(0, room), { stream: true });
      room -= piece.byteLength;
      if (room <= 0) break;
    }
  } catch {
    // What came is worth more than the reason why there is no more: it is read for an error that is told anyway.
  }
  return text + decoder.decode();
}

/** Ends a response whose body is of no interest. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(ignore);
}

async function* pieces(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  // A `fetch` that was handed in may not know the signal: the body is left anyway.
  const leave = (): void => void reader.cancel(signal.reason).catch(ignore);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    await reader.cancel().catch(ignore); // settles at once when the body is at its end
  }
}
