import type { MessageErrorBody } from '../../anthropic/wire.ts';
import type { StatusFault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';
import type { ScriptedBudget, ScriptedLimits } from '../script.ts';
import { goDuration, type Refusal } from './plan-status.ts';

/** The provider's `type` and words for each status it documents. */
const ERRORS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'The request body is not valid'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'The account has a problem with its payment'],
  403: ['permission_error', 'The account may not do this'],
  404: ['not_found_error', 'The requested resource could not be found'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'This request would exceed the rate limit of your organization'],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'The request timed out'],
  529: ['overloaded_error', 'Overloaded'],
};

/** Plans a refusal in the provider's own words. */
export function planRefusal(status: number, message?: string): Plan {
  return planText(status, JSON.stringify(errorBody({ status, message })), {
    'content-type': 'application/json',
  });
}

/** Writes a scripted status in the provider's own words, a wait that belongs into the body included. */
export function refusalOf(fault: StatusFault, requestId: string): Refusal {
  const { retryAfterMs, retryHint } = fault;
  const body = { ...errorBody(fault), request_id: requestId };
  const headers = { 'request-id': requestId };
  if (retryHint !== 'body' || retryAfterMs === undefined) return { body, headers };
  const message = `${body.error.message}. Please try again in ${goDuration(retryAfterMs)}.`;
  return { body: { ...body, error: { ...body.error, message } }, headers };
}

/** Writes an error as the provider does, in the words of its status. */
export function errorBody(fault: {
  readonly status: number;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
}): MessageErrorBody {
  const [type, message] = ERRORS[fault.status] ?? ['api_error', 'Something failed'];
  return {
    type: 'error',
    error: { type: fault.code ?? type, message: fault.message ?? message },
  };
}

/** Writes rate limits as `anthropic-ratelimit-*`, whose resets are times. */
export function limitHeaders(
  { requests, tokens }: ScriptedLimits,
  nowMs: number,
): Readonly<Record<string, string>> {
  return {
    ...budgetHeaders('requests', requests, nowMs),
    ...budgetHeaders('tokens', tokens, nowMs),
  };
}

function budgetHeaders(
  unit: string,
  budget: ScriptedBudget | undefined,
  nowMs: number,
): Record<string, string> {
  if (budget === undefined) return {};
  const name = `anthropic-ratelimit-${unit}`;
  return {
    [`${name}-limit`]: String(budget.limit),
    [`${name}-remaining`]: String(budget.remaining),
    [`${name}-reset`]: wholeSecond(nowMs + budget.resetMs),
  };
}

/** Writes a time to the second, the next one so that nobody comes too early. */
function wholeSecond(timeMs: number): string {
  return new Date(Math.ceil(timeMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}
