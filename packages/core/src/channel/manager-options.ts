import { assertOneOf } from '../base/assert.ts';
import { assertDelay, type Clock, systemClock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { hashIdentity } from '../events/redact.ts';
import type { MessageHandler, MessageListener } from './handler.ts';
import type { RestartStrategy } from './restart-strategy.ts';

/** How a channel manager is made. */
export interface ChannelManagerOptions {
  /** Handles every message of every channel. */
  readonly handler: MessageHandler;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** How long a stop waits for messages to be answered, in milliseconds, unless it says. @defaultValue 5 000 */
  readonly stopDeadlineMs?: number | undefined;
  /**
   * How long a handler may work on a message, in milliseconds. Then its signal is aborted with a `HandlerTimeoutError`,
   * its sender reads `errorText`, and the next message has its turn, whether the handler heeds the signal or not.
   *
   * @defaultValue 600 000
   */
  readonly handlerTimeoutMs?: number | undefined;
  /**
   * Which channels are restarted when one restarts by itself: none else; those added after it; all.
   *
   * @defaultValue `'one-for-one'`
   */
  readonly strategy?: RestartStrategy | undefined;
  /** What the sender reads when the handler throws. @defaultValue `'Something went wrong. Please try again.'` */
  readonly errorText?: string | undefined;
  /** What the sender reads when a message is refused. @defaultValue `'Too busy right now. Please try again later.'` */
  readonly busyText?: string | undefined;
  /** How events name a namespace. Default: a hash, salted once for each manager. */
  readonly hashIdentity?: ((text: string) => string) | undefined;
  /** Hears of each event of each message, observed or not. Default: nobody. */
  readonly onMessage?: MessageListener | undefined;
  /** Hears what an observer threw. Default: nobody. */
  readonly onObserverError?: ((error: unknown) => void) | undefined;
}

/** The options with their defaults filled in. */
export interface ResolvedChannelManagerOptions {
  readonly handler: MessageHandler;
  readonly clock: Clock;
  readonly random: Random;
  readonly stopDeadlineMs: number;
  readonly handlerTimeoutMs: number;
  readonly strategy: RestartStrategy;
  readonly errorText: string;
  readonly busyText: string;
  readonly hashIdentity: (text: string) => string;
  readonly onMessage: MessageListener | undefined;
  readonly onObserverError: ((error: unknown) => void) | undefined;
}

/**
 * Checks the options once and fills in their defaults.
 *
 * @throws {TypeError} when an option makes no sense.
 */
export function resolveChannelManagerOptions(
  options: ChannelManagerOptions,
): ResolvedChannelManagerOptions {
  const { handler, random = systemRandom, stopDeadlineMs = 5_000 } = options;
  const { strategy = 'one-for-one', handlerTimeoutMs = 600_000 } = options;
  if (typeof handler !== 'function') throw new TypeError('handler must be a function');
  assertDelay(stopDeadlineMs, 'stopDeadlineMs');
  assertDelay(handlerTimeoutMs, 'handlerTimeoutMs');
  assertOneOf('strategy', strategy, ['one-for-one', 'rest-for-one', 'one-for-all']);
  const salt = newId(random);
  return {
    handler,
    clock: options.clock ?? systemClock,
    random,
    stopDeadlineMs,
    handlerTimeoutMs,
    strategy,
    errorText: options.errorText ?? 'Something went wrong. Please try again.',
    busyText: options.busyText ?? 'Too busy right now. Please try again later.',
    hashIdentity: options.hashIdentity ?? ((text) => hashIdentity(text, salt)),
    onMessage: options.onMessage,
    onObserverError: options.onObserverError,
  };
}
