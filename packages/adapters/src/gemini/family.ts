import { type Family, readIdFrom } from '../transport/family.ts';
import { createSseReader } from '../transport/sse.ts';
import { encodeRequest } from './request.ts';
import { createDecoder } from './stream.ts';

/** Makes the family of `streamGenerateContent`. Everything else about a request is `createClient`'s. */
export function geminiFamily(provider: string): Family {
  return {
    framing: createSseReader,
    encode: (request, model) => encodeRequest(request, { model, provider }),
    createDecoder,
    // Google sends none of its own; gateways before it do.
    readRequestId: (headers, redact) => readIdFrom(ID_HEADERS, headers, redact),
    // Limits are told only when they are passed, in the body of the refusal.
    readRateLimits: () => undefined,
  };
}

const ID_HEADERS = ['x-request-id', 'x-goog-request-id', 'cf-ray'];
