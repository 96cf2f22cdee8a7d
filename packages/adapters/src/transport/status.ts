import { kindOfStatus, type ProviderError, type ProviderErrorKind } from '@sluice/core';
import { discard, readText } from './body.ts';
import type { Fail } from './failure.ts';
import { arrayAt, isRecord, parseJson, recordAt, textAt } from './json.ts';
import { readDuration, readRetryAfter, type RetryHint } from './retry-after.ts';

/** What a provider says of a failure, in its own words. */
export interface Complaint {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** Some servers put a status where the code belongs, in an answer that began with 200. */
  readonly status?: number | undefined;
  /** How long to wait, where the body rather than a header says it. */
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/** What a refusal is told with. */
export interface RefusalOptions {
  readonly fail: Fail;
  readonly provider: string;
  /** Epoch milliseconds, for waits that are given as a date. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** How much of an error's body is read. */
const MAX_ERROR_BYTES = 65_536;

/** Turns a response that is no success into an error. Reads no more than 64 KiB of its body, and cancels the rest. */
export async function refusalOf(
  response: Response,
  { fail, provider, nowMs, signal }: RefusalOptions,
): Promise<ProviderError> {
  const { status, headers } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await discard(response);
    return fail(
      'unsupported',
      `${provider} redirects, which is not followed: a key stays with the origin it was given for`,
      {
        status,
      },
    );
  }
  const text = await readText(response, { signal, maxBytes: MAX_ERROR_BYTES });
  const complaint = readComplaint(text);
  return fail(
    classify({ ...complaint, status }),
    `${provider} answered ${status}${afterColon(complaint.message)}`,
    {
      status,
      providerCode: complaint.code ?? complaint.type,
      requestId: complaint.requestId,
      retryAfterMs: readRetryAfter({ headers, nowMs, ...waitIn(complaint) }),
      retryable: readShouldRetry(headers.get('x-should-retry')),
    },
  );
}

/** Turns an error that came inside an answer into one of ours. */
export function complaintFailure(
  complaint: Complaint,
  { fail, provider }: Pick<RefusalOptions, 'fail' | 'provider'>,
): ProviderError {
  return fail(
    classify(complaint),
    `${provider} broke off its answer${afterColon(complaint.message)}`,
    {
      status: complaint.status,
      providerCode: complaint.code ?? complaint.type,
      requestId: complaint.requestId,
      retryAfterMs: readRetryAfter({ headers: NO_HEADERS, nowMs: 0, ...waitIn(complaint) }),
    },
  );
}

/** An error inside an answer comes after the headers, which spoke of the answer. */
const NO_HEADERS = { get: () => null };

function waitIn({ message, retryAfterMs }: Complaint): Pick<RetryHint, 'message' | 'bodyMs'> {
  return { message, bodyMs: retryAfterMs };
}

/** Reads the body of an error: JSON in one of the forms seen, or plain text. Of an HTML page nothing is kept. */
export function readComplaint(text: string): Complaint {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  try {
    return complaintIn(parseJson(trimmed));
  } catch {
    return trimmed.startsWith('<') ? { message: 'an HTML page' } : { message: trimmed };
  }
}

/**
 * Finds the complaint in parsed JSON: `{error: {...}}`, `{error: "..."}`, `{message}`, `{detail}`, or a list of one.
 * Google's says its code in words as `status`, and more of it in `details`.
 */
export function complaintIn(parsed: unknown): Complaint {
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isRecord(body)) return {};
  const { error } = body;
  const requestId = textAt(body, 'request_id');
  if (typeof error === 'string') return { message: error, requestId };
  const fields = isRecord(error) ? error : body;
  const details = arrayAt(fields, 'details').filter(isRecord);
  const { code } = fields;
  const status = typeof code === 'number' ? code : fields['status_code'];
  const numeric = typeof code === 'number' ? String(code) : undefined;
  return {
    message: textAt(fields, 'message') ?? textAt(fields, 'detail'),
    code: reasonIn(details) ?? textAt(fields, 'code') ?? textAt(fields, 'status') ?? numeric,
    type: textAt(fields, 'type') ?? textAt(recordAt(fields, 'metadata') ?? {}, 'error_type'),
    status: typeof status === 'number' && status >= 400 && status < 600 ? status : undefined,
    retryAfterMs: waitInDetails(details),
    requestId,
  };
}

type Details = readonly Readonly<Record<string, unknown>>[];

/** Google's ErrorInfo: which of many reasons a 400 has; and its QuotaFailure, where the day's quota is spent. */
function reasonIn(details: Details): string | undefined {
  const reason = details
    .map((detail) => textAt(detail, 'reason'))
    .find((text) => text !== undefined);
  const quotas = details
    .flatMap((detail) => arrayAt(detail, 'violations'))
    .map((violation) => (isRecord(violation) ? textAt(violation, 'quotaId') : undefined));
  return reason ?? quotas.find((quota) => quota?.includes('PerDay'));
}

/** Google's RetryInfo: there is no header. */
function waitInDetails(details: Details): number | undefined {
  const delay = details
    .map((detail) => textAt(detail, 'retryDelay'))
    .find((text) => text !== undefined);
  return delay === undefined || delay.length > MAX_DELAY_LENGTH ? undefined : readDuration(delay);
}

const MAX_DELAY_LENGTH = 40;

/**
 * Puts a failure into the common words. The provider's own code and words win over the status: they say which 400 or
 * 429 it is.
 */
export function classify({ status, code, type, message = '' }: Complaint): ProviderErrorKind {
  const words = `${code ?? ''} ${type ?? ''}`.toLowerCase();
  // Google's quotas of a day: what it says of seconds to wait is not to be believed.
  if (/insufficient_quota|billing|perday/.test(words)) return 'quota';
  if (/context_length_exceeded|request_too_large/.test(words) || status === 413) {
    return 'context-length';
  }
  if (/content_filter|content_policy/.test(words)) return 'content-filter';
  if (/slow_down|overloaded/.test(words)) return 'overloaded';
  if (/invalid_api_key|api_key_invalid/.test(words)) return 'auth';
  if (status === 400 || status === undefined) {
    if (isAboutContextLength(message)) return 'context-length';
    if (/incorrect api key|api key not valid/i.test(message)) return 'auth';
    if (/credit balance/i.test(message)) return 'quota';
  }
  return status === undefined ? byType(words) : byStatus(status);
}

function byStatus(status: number): ProviderErrorKind {
  switch (status) {
    case 408: // the server gave up waiting: as good as its own failure
    case 409: // a conflict with another request of ours: gone the next time
      return 'server';
    case 501:
      return 'unsupported';
    default:
      return kindOfStatus(status);
  }
}

function byType(words: string): ProviderErrorKind {
  if (/rate_limit|resource_exhausted/.test(words)) return 'rate-limit';
  if (/unauthenticated|authentication/.test(words)) return 'auth';
  if (/permission/.test(words)) return 'permission';
  if (/not_found/.test(words)) return 'not-found';
  if (/unavailable/.test(words)) return 'overloaded';
  if (
    /invalid_request|invalid_prompt|invalid_argument|failed_precondition|image_|_image|tool_use_failed/.test(
      words,
    )
  ) {
    return 'bad-request';
  }
  return 'server';
}

/** How providers say that the request is too long; each phrase was seen in an answer. Plain words, no repetition. */
const TOO_LONG =
  /maximum context length|context_length_exceeded|exceeds the context window|prompt is too long|maximum prompt length|reduce the length of the messages|maximum number of tokens allowed|prompt too long|total length of all messages is too long|input is too long for requested model|exceeds the available context size|greater than the context length|too large for model/i;

function isAboutContextLength(message: string): boolean {
  return TOO_LONG.test(message);
}

function readShouldRetry(value: string | null): boolean | undefined {
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}

function afterColon(message: string | undefined): string {
  return message === undefined ? '' : `: ${message}`;
}
