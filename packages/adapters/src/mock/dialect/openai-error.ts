import type { ChatErrorBody } from '../../openai/wire.ts';
import type { StatusFault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';
import type { ScriptedBudget, ScriptedLimits } from '../script.ts';
import { goDuration, type Refusal } from './plan-status.ts';

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

/** Writes a scripted status in the provider's own words, a wait that belongs into the body included. */
export function refusalOf(fault: StatusFault, headers: Refusal['headers']): Refusal {
  const { retryAfterMs, retryHint } = fault;
  const body = errorBody(fault);
  if (retryHint !== 'body' || retryAfterMs === undefined) return { body, headers };
  const message = `${body.error.message}. Please try again in ${goDuration(retryAfterMs)}.`;
  return { body: { error: { ...body.error, message } }, headers };
}

/** Writes rate limits as `x-ratelimit-*`, whose resets are durations as Go writes them. */
export function limitHeaders({
  requests,
  tokens,
}: ScriptedLimits): Readonly<Record<string, string>> {
  return { ...budgetHeaders('requests', requests), ...budgetHeaders('tokens', tokens) };
}

function budgetHeaders(unit: string, budget: ScriptedBudget | undefined): Record<string, string> {
  if (budget === undefined) return {};
  return {
    [`x-ratelimit-limit-${unit}`]: String(budget.limit),
    [`x-ratelimit-remaining-${unit}`]: String(budget.remaining),
    [`x-ratelimit-reset-${unit}`]: goDuration(budget.resetMs),
  };
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
