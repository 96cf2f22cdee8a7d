import { isSluiceError, SluiceError } from '../base/errors.ts';
import type { Attempt, PartialCompletion } from '../message/completion.ts';

/** What went wrong on the wire, in the same words for every provider. An abort is none of them. */
export type ProviderErrorKind =
  | 'auth'
  | 'permission'
  | 'not-found'
  | 'bad-request'
  | 'context-length'
  | 'content-filter'
  | 'quota'
  | 'rate-limit'
  | 'overloaded'
  | 'server'
  | 'network'
  | 'first-byte-timeout'
  | 'first-content-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  | 'truncated'
  | 'malformed'
  | 'unsupported';

/** What a provider error tells beside its kind. */
export interface ProviderErrorOptions {
  readonly provider: string;
  readonly model?: string | undefined;
  readonly status?: number | undefined;
  readonly providerCode?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Default: what the kind says. */
  readonly retryable?: boolean | undefined;
  readonly partial?: PartialCompletion | undefined;
  readonly attempts?: readonly Attempt[] | undefined;
  readonly cause?: unknown;
}

/** The kinds that another try, now or later, here or elsewhere, can mend. */
const RETRYABLE: ReadonlySet<ProviderErrorKind> = new Set([
  'rate-limit',
  'overloaded',
  'server',
  'network',
  'first-byte-timeout',
  'first-content-timeout',
  'idle-timeout',
  'total-timeout',
  'truncated',
  'malformed',
]);

/**
 * A failure of one attempt on the wire. `code` is `PROVIDER_` and the kind; the provider's own code is `providerCode`.
 * Message and fields are redacted; the cause is never serialised.
 */
export class ProviderError extends SluiceError {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  /** As the client pool calls it; without one, as its adapter does. */
  readonly provider: string;
  readonly model: string | undefined;
  readonly status: number | undefined;
  readonly providerCode: string | undefined;
  readonly requestId: string | undefined;
  /** How long the provider asked to wait, in milliseconds, between 0 and 600,000. */
  readonly retryAfterMs: number | undefined;
  /** What had arrived before the failure, when content had. */
  declare readonly partial: PartialCompletion | undefined;
  /** What was tried, in order, this attempt last. Filled in by the client pool. */
  readonly attempts: readonly Attempt[];

  constructor(kind: ProviderErrorKind, message: string, options: ProviderErrorOptions) {
    super(codeOf(kind), message, {
      retryable: options.retryable ?? RETRYABLE.has(kind),
      ...('cause' in options ? { cause: options.cause } : {}),
    });
    this.kind = kind;
    this.provider = options.provider;
    this.model = options.model;
    this.status = options.status;
    this.providerCode = options.providerCode;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
    // Not enumerable: an error is logged whole, and what a model said to somebody is no business of a log.
    Object.defineProperty(this, 'partial', { value: options.partial });
    this.attempts = options.attempts ?? [];
  }

  static override is(error: unknown): error is ProviderError {
    return isSluiceError(error) && error.name === 'ProviderError';
  }

  /** Copies the error with more known about it. Kind, message, cause and stack stay. */
  with(more: Partial<ProviderErrorOptions>): ProviderError {
    const { provider, model, status, providerCode, requestId, retryAfterMs, retryable } = this;
    const { partial, attempts } = this;
    const copy = new ProviderError(this.kind, this.message, {
      provider,
      model,
      status,
      providerCode,
      requestId,
      retryAfterMs,
      retryable,
      partial,
      attempts,
      ...('cause' in this ? { cause: this.cause } : {}),
      ...more,
    });
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }
}

/** A client pool that has no provider of that name. */
export class ProviderUnknownError extends SluiceError {
  override readonly name = 'ProviderUnknownError';
  readonly provider: string;

  constructor(provider: string, known: readonly string[]) {
    const names = known.length > 0 ? known.join(', ') : 'none';
    super('PROVIDER_UNKNOWN', `No provider "${provider}" is registered (known: ${names})`);
    this.provider = provider;
  }

  static override is(error: unknown): error is ProviderUnknownError {
    return isSluiceError(error, 'PROVIDER_UNKNOWN');
  }
}

/** No target can take the call: none is registered, or none fits the request. */
export class NoTargetError extends SluiceError {
  override readonly name = 'NoTargetError';
  readonly attempts: readonly Attempt[];

  constructor(
    message: string,
    options: { readonly attempts?: readonly Attempt[]; readonly cause?: unknown } = {},
  ) {
    super('NO_TARGET', message, 'cause' in options ? { cause: options.cause } : {});
    this.attempts = options.attempts ?? [];
  }

  static override is(error: unknown): error is NoTargetError {
    return isSluiceError(error, 'NO_TARGET');
  }
}

function codeOf(kind: ProviderErrorKind): string {
  return `PROVIDER_${kind.toUpperCase().replaceAll('-', '_')}`;
}
