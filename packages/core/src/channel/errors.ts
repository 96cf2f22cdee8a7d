import { isSluiceError, SluiceError } from '../base/errors.ts';

/** What there is to know of a channel that failed, beside its message. */
export interface ChannelFailedErrorOptions {
  /** Whether trying again cannot help, as with bad credentials. Default false. */
  readonly fatal?: boolean | undefined;
  /** One word for events and dashboards, such as `zombie`. Default `fatal` or `fault`. */
  readonly reason?: string | undefined;
  /** How long the peer asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A channel that could not connect, lost its connection, or was given up. */
export class ChannelFailedError extends SluiceError {
  override readonly name = 'ChannelFailedError';
  /** Whether trying again cannot help: the supervisor gives up at once. */
  readonly fatal: boolean;
  /** One word for events and dashboards. */
  readonly reason: string;
  /** How long the peer asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ChannelFailedErrorOptions = {}) {
    const fatal = options.fatal ?? false;
    super('CHANNEL_FAILED', message, {
      retryable: !fatal,
      ...('cause' in options ? { cause: options.cause } : {}),
    });
    this.fatal = fatal;
    this.reason = options.reason ?? (fatal ? 'fatal' : 'fault');
    this.retryAfterMs = options.retryAfterMs;
  }

  static override is(error: unknown): error is ChannelFailedError {
    return isSluiceError(error, 'CHANNEL_FAILED');
  }
}

/** A command to a channel that a later one made void: a start by a stop, a restart by another restart. */
export class ChannelSupersededError extends SluiceError {
  override readonly name = 'ChannelSupersededError';
  readonly channel: string;

  constructor(channel: string, command: string, by: string) {
    super('CHANNEL_SUPERSEDED', `The ${command} of channel "${channel}" gave way to a ${by}`);
    this.channel = channel;
  }

  static override is(error: unknown): error is ChannelSupersededError {
    return isSluiceError(error, 'CHANNEL_SUPERSEDED');
  }
}

/** A handler that did not end within its time. Its signal is aborted with this. */
export class HandlerTimeoutError extends SluiceError {
  override readonly name = 'HandlerTimeoutError';
  /** How long it might have taken, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(
      'CHANNEL_HANDLER_TIMEOUT',
      `The handler did not end within ${timeoutMs} ms: see handlerTimeoutMs`,
    );
    this.timeoutMs = timeoutMs;
  }

  static override is(error: unknown): error is HandlerTimeoutError {
    return isSluiceError(error, 'CHANNEL_HANDLER_TIMEOUT');
  }
}

/** What there is to know of a send that failed, beside its message. */
export interface SendErrorOptions {
  /** Whether another try of the same piece can help. Default true. */
  readonly retryable?: boolean | undefined;
  /** How long the peer asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A piece of a reply that could not be delivered. */
export class SendError extends SluiceError {
  override readonly name = 'SendError';
  /** How long the peer asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: SendErrorOptions = {}) {
    super('CHANNEL_SEND_FAILED', message, {
      retryable: options.retryable ?? true,
      ...('cause' in options ? { cause: options.cause } : {}),
    });
    this.retryAfterMs = options.retryAfterMs;
  }

  static override is(error: unknown): error is SendError {
    return isSluiceError(error, 'CHANNEL_SEND_FAILED');
  }
}
