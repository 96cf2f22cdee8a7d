import { type Family, readIdFrom } from '../transport/family.ts';
import { readRateLimits } from '../transport/rate-limits.ts';
import { createSseReader } from '../transport/sse.ts';
import { type EncodeOptions, encodeRequest } from './request.ts';
import { createDecoder } from './stream.ts';

/** Makes the family of Chat Completions. Everything else about a request is `createClient`'s. */
export function chatFamily(options: Omit<EncodeOptions, 'model'>): Family {
  return {
    framing: createSseReader,
    encode: (request, model) => ({
      path: 'chat/completions',
      body: encodeRequest(request, { ...options, model }),
    }),
    createDecoder,
    readRequestId: (headers, redact) => readIdFrom(ID_HEADERS, headers, redact),
    readRateLimits,
  };
}

const ID_HEADERS = ['x-request-id', 'x-generation-id', 'cf-ray'];
