import type { ChatErrorBody } from '../../openai/wire.ts';
import type { Fault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';

/** The provider's `type`, `code` and words for each status it documents. */
const ERRORS: Readonly<
  Record<number, readonly [type: string, code: string | null, message: string]>
> = {
  400: ['invalid_request_error', null, 'The request body is not valid'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided'],
  403: ['invalid_request_error', null, 'The account may not do this'],
  404: ['invalid_request_error', 'model_not_found', 'The model does not exist'],
  429: ['requests', 'rate_limit_exceeded', 'Rate limit reached for requests'],
  500: ['server_error', null, 'The server had an error while processing your request'],
  503: ['server_error', null, 'The engine is currently overloaded, please try again later'],
};

/** Plans a refusal in the provider's own words. */
export function planRefusal(status: number, message?: string): Plan {
  return planText(status, JSON.stringify(errorBody({ status, message })), {
    'content-type': 'application/json',
  });
}

/** Plans what a scripted status looks like, headers and all. */
export function planStatus(fault: Extract<Fault, { kind: 'status' }>, requestId: string): Plan {
  const { status, body, retryAfterMs, headers } = fault;
  const text = body ?? JSON.stringify(errorBody(fault));
  return planText(status, text, {
    'content-type': text.startsWith('<') ? 'text/html' : 'application/json',
    'x-request-id': requestId,
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1_000) }),
    ...headers,
  });
}

/** Writes an error as the provider does, in the words of its status. */
export function errorBody(fault: {
  readonly status: number;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
}): ChatErrorBody {
  const [type, code, message] = ERRORS[fault.status] ?? ['server_error', null, 'Something failed'];
  return {
    error: {
      message: fault.message ?? message,
      type: fault.code === 'insufficient_quota' ? fault.code : type,
      param: null,
      code: fault.code ?? code,
    },
  };
}
