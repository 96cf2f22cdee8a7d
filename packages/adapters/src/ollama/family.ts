import { type Family, readIdFrom } from '../transport/family.ts';
import { createLineReader } from '../transport/ndjson.ts';
import { type EncodeOptions, encodeRequest } from './request.ts';
import { createDecoder } from './stream.ts';

/** Makes the family of Ollama's own chat. Everything else about a request is `createClient`'s. */
export function ollamaFamily(options: Omit<EncodeOptions, 'model'>): Family {
  return {
    framing: createLineReader,
    encode: (request, model) => encodeRequest(request, { ...options, model }),
    createDecoder,
    // The server has no ids of requests; proxies before it do.
    readRequestId: (headers, redact) => readIdFrom(ID_HEADERS, headers, redact),
    readRateLimits: () => undefined,
  };
}

const ID_HEADERS = ['x-request-id', 'cf-ray'];
