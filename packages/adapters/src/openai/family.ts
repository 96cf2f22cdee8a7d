import { type Family, readIdFrom } from '../transport/family.ts';
import { readRateLimits } from '../transport/rate-limits.ts';
import { createSseReader } from '../transport/sse.ts';
import { type EncodeOptions, encodeRequest } from './request.ts';
import { encodeResponsesRequest, type ResponsesEncodeOptions } from './responses-request.ts';
import { createResponsesDecoder } from './responses-stream.ts';
import { createDecoder } from './stream.ts';

/** Where a model answers, below the base URL. */
type PathOf = (model: string) => string;

/** Makes the family of Chat Completions. Everything else about a request is `createClient`'s. */
export function chatFamily(
  options: Omit<EncodeOptions, 'model'> & { readonly pathOf: PathOf },
): Family {
  return {
    ...SHARED,
    encode: (request, model) => ({
      path: options.pathOf(model),
      body: encodeRequest(request, { ...options, model }),
    }),
    createDecoder,
  };
}

/** Makes the family of Responses. */
export function responsesFamily(
  options: Omit<ResponsesEncodeOptions, 'model'> & { readonly pathOf: PathOf },
): Family {
  return {
    ...SHARED,
    encode: (request, model) => ({
      path: options.pathOf(model),
      body: encodeResponsesRequest(request, { ...options, model }),
    }),
    createDecoder: createResponsesDecoder,
  };
}

const ID_HEADERS = ['x-request-id', 'x-generation-id', 'apim-request-id', 'cf-ray'];

/** What both of OpenAI's wires have in common. */
const SHARED: Pick<Family, 'framing' | 'readRequestId' | 'readRateLimits'> = {
  framing: createSseReader,
  readRequestId: (headers, redact) => readIdFrom(ID_HEADERS, headers, redact),
  readRateLimits,
};
