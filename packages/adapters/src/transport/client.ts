import {
  type CallContext,
  type Client,
  type CompletionChunk,
  type CompletionRequest,
  estimateInput,
} from '@sluice/core';
import type { Account } from './account.ts';
import { discard } from './body.ts';
import { coldStream } from './cold-stream.ts';
import { decodeEvents, decodeWhole, wrongType } from './decode.ts';
import { type Fail, failWith } from './failure.ts';
import type { Family } from './family.ts';
import type { HttpPost } from './http.ts';
import { refusalOf } from './status.ts';

/** Makes one client of an account. It holds nothing but the account, so that there is nothing to close. */
export function createClient(account: Account, family: Family): Client {
  return {
    model: account.model,
    stream: (request, context) =>
      coldStream(context.signal, (signal) => answer(account, family, { request, context, signal })),
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
  family: Family,
  { request, context, signal }: Call,
): AsyncGenerator<readonly CompletionChunk[], void> {
  const { provider, http, clock, redact } = account;
  const model = request.model ?? account.model;
  const early = failWith({ provider, model, redact });
  const response = await http.post(written(family, request, { model, fail: early }), {
    signal,
    fail: early,
  });

  const requestId = family.readRequestId(response.headers, redact);
  const fail = failWith({ provider, model, requestId, redact });
  context.onMeta?.({
    status: response.status,
    requestId,
    limits: family.readRateLimits(response.headers, clock.timestamp()),
  });
  if (response.status < 200 || response.status >= 300) {
    throw await refusalOf(response, { fail, provider, nowMs: clock.timestamp(), signal });
  }

  const decoder = family.createDecoder({
    provider,
    fail,
    requestId,
    redact,
    estimateInput: () => estimateInput(request),
  });
  const { onBytes } = context;
  const reading = { signal, fail, provider, onBytes };
  const type = mediaType(response.headers);
  switch (formOf(type)) {
    case 'events':
      yield* decodeEvents(response, decoder, { ...reading, framing: family.framing });
      return;
    case 'maybe-events':
      yield* decodeEvents(response, decoder, {
        ...reading,
        framing: family.framing,
        doubtfulType: type,
      });
      return;
    case 'json':
      yield* decodeWhole(response, decoder, reading);
      return;
    case 'other':
      await discard(response);
      throw wrongType(type, reading);
  }
}

/** What this wire cannot carry is no fault of the server, and may be none for the next provider. */
function written(
  family: Family,
  request: CompletionRequest,
  { model, fail }: { readonly model: string; readonly fail: Fail },
): HttpPost {
  try {
    const { path, headers, body } = family.encode(request, model);
    return { path, headers, json: JSON.stringify(body) };
  } catch (thrown) {
    throw fail('unsupported', thrown instanceof Error ? thrown.message : String(thrown), {
      thrown,
    });
  }
}

/** What a body may hold by its content type. */
type BodyForm = 'events' | 'maybe-events' | 'json' | 'other';

/** Servers that have no type at hand send events as plain text or as bytes. */
function formOf(type: string): BodyForm {
  if (type === 'text/event-stream' || type.endsWith('ndjson') || type.endsWith('jsonl')) {
    return 'events';
  }
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  const isDoubtful = type === '' || type === 'text/plain' || type === 'application/octet-stream';
  return isDoubtful ? 'maybe-events' : 'other';
}

/** The content type without its parameters, in lower case. */
function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
