import type { EventError } from '../events/event.ts';
import { type Backoff, backoffMs } from '../resilience/backoff.ts';
import type { GiveUpReason } from './state.ts';

/** When a channel that ended by itself is connected again. */
export interface RestartOptions {
  /**
   * `permanent`: always; `transient`: unless it ended cleanly; `temporary`: never.
   *
   * @defaultValue `'permanent'`
   */
  readonly restart?: 'permanent' | 'transient' | 'temporary' | undefined;
  /**
   * The most restarts within `periodMs`; one more and the channel has failed. The default lets a long outage last, since
   * the backoff slows down, and ends what restarts without slowing down.
   *
   * @defaultValue 20
   */
  readonly intensity?: number | undefined;
  /** @defaultValue 60 000 */
  readonly periodMs?: number | undefined;
  readonly backoff?: RestartBackoffOptions | undefined;
  /** How long a connection must stay up for the backoff to begin anew, in milliseconds. @defaultValue 60 000 */
  readonly stableAfterMs?: number | undefined;
  /** The most restarts in a row without a stable connection. Default: no limit. */
  readonly maxAttempts?: number | undefined;
  /** How long one try to connect may take, in milliseconds. @defaultValue 30 000 */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Says what an error means, also how long the peer asked to wait where only you can read that. Default: a
   * `ChannelFailedError` marked fatal is fatal, all others are retried.
   */
  readonly classify?: ((error: unknown) => FaultClass) | undefined;
}

/** What an error means to a restart: that trying again cannot help, that it may, or may after a time in milliseconds. */
export type FaultClass = 'fatal' | 'retry' | { readonly retryAfterMs: number };

/** How long to wait before a restart: `baseMs` times `factor` for each restart in a row, at most `capMs`. */
export interface RestartBackoffOptions {
  /** @defaultValue 1 000 */
  readonly baseMs?: number | undefined;
  /** @defaultValue 2 */
  readonly factor?: number | undefined;
  /** @defaultValue 30 000 */
  readonly capMs?: number | undefined;
  /** `full`: anywhere between 0 and the delay; `equal`: in its upper half; `none`: the delay itself. @defaultValue `'full'` */
  readonly jitter?: 'full' | 'equal' | 'none' | undefined;
}

/** A restart policy with its defaults filled in. */
export interface RestartPolicy {
  readonly restart: 'permanent' | 'transient' | 'temporary';
  readonly intensity: number;
  readonly periodMs: number;
  readonly backoff: Backoff;
  readonly stableAfterMs: number;
  readonly maxAttempts: number;
  readonly connectTimeoutMs: number;
  readonly classify: ((error: unknown) => FaultClass) | undefined;
}

/** How a connection, or the try to make one, ended. */
export interface Ending {
  readonly kind: 'clean' | 'fault' | 'fatal';
  /** One word for events. */
  readonly cause: string;
  readonly error?: EventError | undefined;
  /** How long the peer asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether replies can still be sent: only the incoming side has ended. */
  readonly isOpen?: boolean | undefined;
}

/** What a policy looks at. */
export interface RestartHistory {
  /** Restarts in a row without a stable connection. */
  readonly attempt: number;
  /** When the last restarts were, in monotonic milliseconds, the oldest first. */
  readonly restarts: readonly number[];
  /** Monotonic milliseconds. */
  readonly now: number;
  /** A number from 0 to 1 that chance drew. */
  readonly roll: number;
}

/** What becomes of a channel whose connection ended. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly restarts: readonly number[] }
  | { readonly kind: 'stop' }
  | {
      readonly kind: 'give-up';
      readonly reason: GiveUpReason;
      readonly restarts: readonly number[];
    };

/** Decides whether and when a channel is connected again. Pure. */
export function decideRestart(
  policy: RestartPolicy,
  ending: Ending,
  history: RestartHistory,
): RestartDecision {
  const restarts = history.restarts.filter((at) => at > history.now - policy.periodMs);
  if (ending.kind === 'fatal') return { kind: 'give-up', reason: 'fatal', restarts };
  if (ending.kind === 'clean' && policy.restart !== 'permanent') return { kind: 'stop' };
  if (policy.restart === 'temporary') return { kind: 'give-up', reason: 'temporary', restarts };
  if (restarts.length >= policy.intensity) {
    return { kind: 'give-up', reason: 'intensity', restarts };
  }
  if (history.attempt >= policy.maxAttempts) {
    return { kind: 'give-up', reason: 'attempts', restarts };
  }
  return {
    kind: 'restart',
    delayMs: restartDelay(policy, history, ending.retryAfterMs),
    restarts: [...restarts, history.now],
  };
}

/** A peer that names a time is never asked before it: chance only adds, so that its clients do not all come at once. */
function restartDelay(
  { backoff }: RestartPolicy,
  { attempt, roll }: RestartHistory,
  retryAfterMs = 0,
): number {
  const random = { next: () => roll };
  const delayMs = backoffMs(backoff, attempt + 1, { random });
  if (!(retryAfterMs > 0 && retryAfterMs < Infinity)) return delayMs; // a hint is a stranger's number
  const spreadMs = backoff.jitter === 'none' ? 0 : backoff.baseMs * roll;
  return Math.max(delayMs, retryAfterMs + spreadMs);
}
