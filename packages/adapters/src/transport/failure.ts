import { ProviderError, type ProviderErrorKind } from '@sluice/core';
import { bounded } from './bound.ts';

/** What is known of one attempt, for its errors. */
export interface FailureContext {
  readonly provider: string;
  readonly model?: string | undefined;
  readonly requestId?: string | undefined;
  /** Takes the account's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** What one failure adds. */
export interface FailureDetails {
  readonly status?: number | undefined;
  readonly providerCode?: string | undefined;
  /** As the body tells it. The one of a header goes before it. */
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly retryable?: boolean | undefined;
  /** What was thrown below. A redacted copy of it becomes the cause. */
  readonly thrown?: unknown;
}

/** Makes an attempt's errors: what is known of the attempt filled in, all text redacted, then cut. */
export type Fail = (
  kind: ProviderErrorKind,
  message: string,
  details?: FailureDetails,
) => ProviderError;

const MAX_MESSAGE_LENGTH = 500;
const MAX_FIELD_LENGTH = 100;
const MAX_STACK_LENGTH = 4_000;

/** Makes the maker of an attempt's errors. */
export function failWith({ provider, model, requestId, redact }: FailureContext): Fail {
  const field = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : bounded(redact(text), MAX_FIELD_LENGTH);
  return (kind, message, { thrown, providerCode, requestId: told, ...details } = {}) =>
    // Redacted before it is cut: half a key is still half a key.
    new ProviderError(kind, bounded(redact(message), MAX_MESSAGE_LENGTH), {
      provider,
      model,
      requestId: field(requestId ?? told),
      providerCode: field(providerCode),
      ...details,
      ...(thrown === undefined ? {} : { cause: redactedCopy(thrown, redact) }),
    });
}

/**
 * Tells a failed connection as a `network` error. `thrown` is what `fetch` or the body threw: a different sentence in
 * every runtime, with the reason, if at all, further down its causes.
 */
export function networkFailure(fail: Fail, what: string, thrown: unknown): ProviderError {
  const code = systemCode(thrown);
  const reason = code === undefined ? '' : ` (${code})`;
  return fail('network', `${what}${reason}${corsHint(thrown)}`, { providerCode: code, thrown });
}

/** How far down the causes are followed: they come from outside and might go round in a circle. */
const MAX_CAUSES = 5;

function systemCode(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
    if (typeof error !== 'object' || error === null) return undefined;
    if ('code' in error && typeof error.code === 'string') return error.code;
    error = 'cause' in error ? error.cause : undefined;
  }
  return undefined;
}

/** Chromium's words for both a dead server and one that does not allow this page: the page cannot tell. */
function corsHint(thrown: unknown): string {
  const isChromiums = messagesOf(thrown).includes('Failed to fetch');
  return isChromiums ? ', or the server does not allow this page to ask it (CORS)' : '';
}

/** The errors of fetch libraries hold the request, and with it the key: a fresh one holds text alone. */
function redactedCopy(thrown: unknown, redact: (text: string) => string): Error {
  const copy = new Error(bounded(redact(messagesOf(thrown)), MAX_MESSAGE_LENGTH));
  if (!(thrown instanceof Error)) return copy;
  const { name, stack } = thrown;
  Object.defineProperty(copy, 'name', { value: bounded(redact(name), MAX_FIELD_LENGTH) });
  if (stack !== undefined) copy.stack = bounded(redact(stack), MAX_STACK_LENGTH);
  return copy;
}

function messagesOf(thrown: unknown): string {
  const messages: string[] = [];
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    messages.push(error.message);
    error = error.cause;
  }
  return messages.length > 0 ? messages.join(': ') : String(thrown);
}
