import {
  type CallContext,
  type Client,
  type Clock,
  type CompletionChunk,
  type CompletionRequest,
  countMessage,
} from '@sluice/core';
import { discard, MAX_ANSWER_BYTES, readText } from '../transport/body.ts';
import { coldStream } from '../transport/cold-stream.ts';
import { failWith } from '../transport/failure.ts';
import type { Http } from '../transport/http.ts';
import { readRateLimits } from '../transport/rate-limits.ts';
import { decodeEvents } from '../transport/sse.ts';
import { refusalOf } from '../transport/status.ts';
import { type EncodeOptions, encodeRequest } from './request.ts';
import { createDecoder } from './stream.ts';

/** What one client shares with its siblings: the account. */
export interface Account extends EncodeOptions {
  readonly http: Http;
  readonly clock: Clock;
  /** Takes the account's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** Makes one client of an account. It holds nothing but the account, so that there is nothing to close. */
export function createClient(account: Account): Client {
  return {
    model: account.model,
    stream: (request, context) =>
      coldStream(context.signal, (signal) => answer(account, { request, context, signal })),
  };
}

/** One request, and the signal that ends it: the caller's, or the reader leaving. */
interface Call {
  readonly request: CompletionRequest;
  readonly context: CallContext;
  readonly signal: AbortSignal;
}

async function* answer(
  account: Account,
  { request, context, signal }: Call,
): AsyncGenerator<readonly CompletionChunk[], void> {
  const { provider, http, clock, redact } = account;
  const model = request.model ?? account.model;
  const body = encodeRequest(request, account);
  const early = failWith({ provider, model, redact });
  const response = await http.post('chat/completions', body, { signal, fail: early });

  const requestId = readRequestId(response.headers, redact);
  const fail = failWith({ provider, model, requestId, redact });
  context.onMeta?.({
    status: response.status,
    requestId,
    limits: readRateLimits(response.headers, clock.timestamp()),
  });
  if (response.status < 200 || response.status >= 300) {
    throw await refusalOf(response, { fail, provider, nowMs: clock.timestamp(), signal });
  }

  const decoder = createDecoder({
    provider,
    fail,
    requestId,
    redact,
    estimateInput: () => countRequest(request),
  });
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/html')) {
    await discard(response);
    throw fail('malformed', `${provider} answered with an HTML page`);
  }
  if (type.includes('json') && !type.includes('ndjson')) {
    yield await readWhole(response, { decoder, signal });
    return;
  }
  const { onBytes } = context;
  yield* decodeEvents(response, decoder, { signal, fail, provider, onBytes });
}

/** A proxy may answer a streaming request with one JSON body: a whole answer, or an error. */
async function readWhole(
  response: Response,
  { decoder, signal }: { decoder: ReturnType<typeof createDecoder>; signal: AbortSignal },
): Promise<readonly CompletionChunk[]> {
  const chunks: CompletionChunk[] = [];
  const text = await readText(response, { signal, maxBytes: MAX_ANSWER_BYTES });
  const sink = (chunk: CompletionChunk): void => void chunks.push(chunk);
  decoder.event('', text, sink);
  decoder.end(sink);
  return chunks;
}

/** The longest request id that is kept. */
const MAX_ID_LENGTH = 100;

/** The id to name in a question to the provider's support. */
export function readRequestId(
  headers: Headers,
  redact: (text: string) => string,
): string | undefined {
  const id = headers.get('x-request-id') ?? headers.get('x-generation-id') ?? headers.get('cf-ray');
  return id === null ? undefined : redact(id).slice(0, MAX_ID_LENGTH);
}

function countRequest({ messages }: CompletionRequest): number {
  return messages.reduce((total, message) => total + countMessage(message), 0);
}
