/** What every error of Sluice carries beside its message. */
export interface SluiceErrorOptions {
  /** What led to it, as the standard `cause`. */
  readonly cause?: unknown;
  /** Whether trying again later can help. Default false. */
  readonly retryable?: boolean | undefined;
}

/**
 * The mark by which Sluice's errors are known. A registered symbol, so that errors are recognised across two copies of
 * the package, realms and bundles, where `instanceof` fails.
 */
const BRAND: unique symbol = Symbol.for('sluice.error') as never;

/**
 * The parent of all that Sluice throws on purpose. `code` is stable; messages are for people and may change.
 * Programming mistakes throw `TypeError` instead, aborts reject with `signal.reason`.
 */
export class SluiceError extends Error {
  override readonly name: string = 'SluiceError';
  /** The stable code to branch on, such as `POOL_ACQUIRE_TIMEOUT`. */
  readonly code: string;
  /** Whether trying again later can help. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: SluiceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Tells whether `error` is an error of Sluice, of whatever class. */
  static is(error: unknown): error is SluiceError {
    return isSluiceError(error);
  }
}

/**
 * Tells whether `error` was thrown by Sluice, and, given `code`, with that code. Works across realms and across copies
 * of the package.
 */
export function isSluiceError(error: unknown, code?: string): error is SluiceError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** Turns whatever was thrown into an `Error`: errors stay as they are, anything else becomes the message. Never throws. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
      return new Error(String(thrown.message), { cause: thrown });
    }
    return new Error(String(thrown));
  } catch {
    // An object without a prototype, or whose own conversion throws.
    return new Error('Something that cannot be read was thrown', { cause: thrown });
  }
}
