import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { isSluiceError, toError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { backoffMs } from '../resilience/backoff.ts';
import type { SendOptions } from './channel.ts';
import type { Connection } from './connection.ts';
import { SendError } from './errors.ts';
import type { ResolvedOutboxOptions } from './options.ts';
import { type ReplyThread, takePart } from './reply-thread.ts';
import { SendBudget } from './send-budget.ts';

/** What a sender needs. */
export interface SenderPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: () => ResolvedOutboxOptions;
  /** The connection by which a reply goes now, if there is one. */
  readonly route: (thread: ReplyThread) => Connection | undefined;
  /** Hears of each final piece that is sent. */
  readonly report: (event: SendReport) => void;
}

/** One final piece on its way. */
export interface SendReport {
  readonly type: 'send.started' | 'send.finished' | 'send.failed';
  readonly thread: ReplyThread;
  readonly part: number;
  readonly durationMs: number;
  readonly error?: unknown;
}

/** Hands one piece to a connection. */
type Send = (connection: Connection, options: SendOptions, part: number) => Promise<void>;

/** Sends pieces: each by the connection that there is, within the rate, tried again where that can help. */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #budget: SendBudget;
  #connected: Deferred<void> = deferred();

  constructor(ports: SenderPorts) {
    this.#ports = ports;
    this.#budget = new SendBudget(ports.clock, () => ports.options().rate);
  }

  /** Says that there is a connection again. */
  wake(): void {
    this.#connected.resolve();
    this.#connected = deferred();
  }

  /** The connection by which a reply goes, as soon as there is one. */
  async connection(thread: ReplyThread, signal: AbortSignal): Promise<Connection> {
    for (;;) {
      signal.throwIfAborted();
      const connection = this.#ports.route(thread);
      if (connection !== undefined) return connection;
      await abortable(this.#connected.promise, signal);
    }
  }

  /** Counts a piece that only shows growth, if the rate allows it now. */
  tryAfford(): boolean {
    if (this.#budget.waitMs(false) > 0) return false;
    this.#budget.spend();
    return true;
  }

  /**
   * Sends one piece that must arrive: tried again, under the same key, until it does or there were enough tries.
   *
   * @throws {SendError} when it did not.
   */
  async send(thread: ReplyThread, signal: AbortSignal, send: Send): Promise<void> {
    const { clock, report } = this.#ports;
    const part = takePart(thread);
    const startedAt = clock.now();
    const tell = (type: SendReport['type'], error?: unknown): void =>
      report({ type, thread, part, durationMs: clock.now() - startedAt, error });
    tell('send.started');
    for (let failures = 0; ;) {
      try {
        const connection = await this.connection(thread, signal);
        await this.#afford(signal);
        await send(connection, optionsOf(connection, { thread, part, signal }), part);
        tell('send.finished');
        return;
      } catch (error) {
        failures += 1;
        const delayMs = signal.aborted ? undefined : this.#retryDelay(error, failures);
        if (delayMs === undefined) {
          tell('send.failed', error);
          throw asSendError(error, failures);
        }
        await this.#sleep(delayMs, signal);
      }
    }
  }

  /** How long to wait before the next try, or undefined when there is none. */
  #retryDelay(error: unknown, failures: number): number | undefined {
    const { maxAttempts, baseMs, capMs } = this.#ports.options();
    if (failures >= maxAttempts || (isSluiceError(error) && !error.retryable)) return undefined;
    const { random } = this.#ports;
    const delayMs = backoffMs({ baseMs, capMs, factor: 2, jitter: 'full' }, failures, { random });
    const hint = SendError.is(error) ? (error.retryAfterMs ?? -1) : -1;
    return hint >= 0 && hint < Infinity ? hint : delayMs; // a foreign channel may have divided by zero
  }

  async #afford(signal: AbortSignal): Promise<void> {
    for (let ms = this.#budget.waitMs(true); ms > 0; ms = this.#budget.waitMs(true)) {
      await this.#sleep(ms, signal);
    }
    this.#budget.spend();
  }

  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    const over = deferred<void>();
    const cancel = this.#ports.clock.after(delayMs, () => over.resolve());
    await abortable(over.promise, signal).finally(cancel);
  }
}

/** What accompanies one piece on its way by this connection. */
export function optionsOf(
  { fence }: Connection,
  piece: { readonly thread: ReplyThread; readonly part: number; readonly signal: AbortSignal },
): SendOptions {
  const { thread, part, signal } = piece;
  return { signal, idempotencyKey: `${thread.runId}:${part}`, fence };
}

function asSendError(error: unknown, tries: number): unknown {
  if (SendError.is(error)) return error;
  const reason = toError(error).message;
  return new SendError(`A reply was not delivered in ${tries} tries: ${reason}`, {
    cause: error,
    retryable: false,
  });
}
