import { type Family, readIdFrom } from '../transport/family.ts';
import { createSseReader } from '../transport/sse.ts';
import { readRateLimits } from './limits.ts';
import { type EncodeOptions, encodeRequest } from './request.ts';
import { createDecoder } from './stream.ts';

/** Makes the family of Anthropic's Messages. Everything else about a request is `createClient`'s. */
export function messagesFamily(options: Omit<EncodeOptions, 'model'>): Family {
  return {
    framing: createSseReader,
    encode: (request, model) => ({
      path: 'v1/messages',
      body: encodeRequest(request, { ...options, model }),
    }),
    createDecoder,
    readRequestId: (headers, redact) => readIdFrom(ID_HEADERS, headers, redact),
    readRateLimits,
  };
}

const ID_HEADERS = ['request-id', 'x-request-id', 'cf-ray'];
