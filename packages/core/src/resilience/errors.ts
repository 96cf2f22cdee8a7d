import { isSluiceError, SluiceError } from '../base/errors.ts';

/** What a refusal without a try tells. */
export interface RefusalOptions {
  /** What refused, such as `openai/gpt-4o`. Several are joined by a comma. */
  readonly target: string;
  /** When to come back, in milliseconds from now. */
  readonly retryAfterMs: number;
  readonly cause?: unknown;
}

/** Nothing was tried: what was asked failed too often lately, and its circuit is open. */
export class CircuitOpenError extends SluiceError {
  override readonly name = 'CircuitOpenError';
  readonly target: string;
  /** When the next trial may go through, in milliseconds from now. */
  readonly retryAfterMs: number;

  constructor({ target, retryAfterMs, ...more }: RefusalOptions) {
    const wait = Math.ceil(retryAfterMs);
    super('CIRCUIT_OPEN', `The circuit of ${target} is open: the next trial is in ${wait} ms`, {
      retryable: true,
      ...more,
    });
    this.target = target;
    this.retryAfterMs = retryAfterMs;
  }

  static override is(error: unknown): error is CircuitOpenError {
    return isSluiceError(error, 'CIRCUIT_OPEN');
  }
}

/** Nothing was tried: a limit of what was asked is used up, and waiting for it takes longer than the caller would. */
export class RateLimitedError extends SluiceError {
  override readonly name = 'RateLimitedError';
  readonly target: string;
  /** When the limit lets through again, in milliseconds from now. */
  readonly retryAfterMs: number;

  constructor({ target, retryAfterMs, ...more }: RefusalOptions) {
    const wait = Math.ceil(retryAfterMs);
    super('RATE_LIMITED', `${target} is at its rate limit for the next ${wait} ms`, {
      retryable: true,
      ...more,
    });
    this.target = target;
    this.retryAfterMs = retryAfterMs;
  }

  static override is(error: unknown): error is RateLimitedError {
    return isSluiceError(error, 'RATE_LIMITED');
  }
}
