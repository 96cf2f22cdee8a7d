import { isSluiceError, SluiceError } from '@sluice/core';

/** What a gateway's refusal tells. */
export interface GatewayErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The codes that say "not now". */
const RETRYABLE: ReadonlySet<string> = new Set([
  'network',
  'busy',
  'unavailable',
  'rate_limited',
  'too_many_pending',
  'queue_full',
  'dropped',
]);

/**
 * A gateway that could not be reached, refused a message or failed to answer it. `wireCode` is the gateway's own code, or
 * one of the client's: `network`, `closed`, `cancelled`, `timeout`, `message_too_large`, `queue_full` and `dropped` (too
 * many wait), `gap` and `session_lost` (the reply is lost, and the message may have been acted on), `refused`,
 * `replaced`, `unauthorized`.
 */
export class GatewayError extends SluiceError {
  override readonly name = 'GatewayError';
  readonly wireCode: string;
  readonly status: number | undefined;
  /** How long the gateway asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(wireCode: string, message: string, options: GatewayErrorOptions = {}) {
    super('GATEWAY_FAILED', message, {
      retryable: RETRYABLE.has(wireCode) || options.status === 429 || options.status === 503,
      ...('cause' in options ? { cause: options.cause } : {}),
    });
    this.wireCode = wireCode;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }

  static override is(error: unknown): error is GatewayError {
    return isSluiceError(error, 'GATEWAY_FAILED');
  }
}
