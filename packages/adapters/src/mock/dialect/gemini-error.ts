import type { GeminiErrorBody, WireObject } from '../../gemini/wire.ts';
import type { StatusFault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';
import type { Refusal } from './plan-status.ts';

/** Google's name and words for each status it documents. */
const ERRORS: Readonly<Record<number, readonly [status: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', 'The caller does not have permission.'],
  404: ['NOT_FOUND', 'The model is not found, or is not supported for generateContent.'],
  429: ['RESOURCE_EXHAUSTED', 'You exceeded your current quota.'],
  500: ['INTERNAL', 'An internal error has occurred.'],
  503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'The service is unable to finish processing within the deadline.'],
};

/** Plans a refusal in the provider's own words. A wrong key is a bad request there. */
export function planRefusal(status: number, message?: string): Plan {
  const isKey = status === 401;
  const body = isKey
    ? errorBody({
        status: 400,
        message: message ?? 'API key not valid. Please pass a valid API key.',
        details: [{ '@type': `${TYPES}ErrorInfo`, reason: 'API_KEY_INVALID' }],
      })
    : errorBody({ status, message });
  return planText(body.error.code, JSON.stringify(body), { 'content-type': 'application/json' });
}

const TYPES = 'type.googleapis.com/google.rpc.';

/** Writes a scripted status in the provider's own words. Unless told otherwise a wait stands in the body: no header does. */
export function refusalOf(fault: StatusFault): readonly [fault: StatusFault, refusal: Refusal] {
  const { retryAfterMs, retryHint = 'body' } = fault;
  if (retryAfterMs === undefined || retryHint !== 'body') {
    return [fault, { body: errorBody(fault), headers: {} }];
  }
  const retryDelay = `${retryAfterMs / 1_000}s`;
  const { error } = errorBody(fault);
  const message = `${error.message} Please retry in ${retryDelay}.`;
  const details = [{ '@type': `${TYPES}RetryInfo`, retryDelay }];
  const body = errorBody({ ...fault, message, details });
  return [
    { ...fault, retryHint },
    { body, headers: {} },
  ];
}

/** Writes an error as the provider does, in the words of its status. */
export function errorBody(fault: {
  readonly status: number;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  readonly details?: readonly WireObject[] | undefined;
}): GeminiErrorBody {
  const [status, message] = ERRORS[fault.status] ?? ['UNKNOWN', 'Something failed.'];
  return {
    error: {
      code: fault.status,
      message: fault.message ?? message,
      status: fault.code ?? status,
      details: fault.details,
    },
  };
}
