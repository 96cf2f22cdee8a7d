import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import { MAX_LISTED_RESTARTS } from '../events/fold-channel.ts';
import type { RestartMark } from '../events/snapshot.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelManagerEventDraft } from './channel-manager-event.ts';
import type { ReportEffect } from './effect.ts';
import type { ChannelState } from './state.ts';

/** What a chronicle needs. */
export interface ChroniclePorts {
  readonly channel: string;
  readonly clock: Clock;
  readonly bus: EventBus<ChannelManagerEventDraft>;
  /** The kind of the channel as it is now. */
  readonly kind: () => string;
  /** How many messages wait now. */
  readonly queued: () => number;
}

/** What was and is told of one channel's life. The last restarts are kept whether anybody observes or not. */
export class Chronicle {
  readonly #ports: ChroniclePorts;
  readonly #restarts: RestartMark[] = [];

  constructor(ports: ChroniclePorts) {
    this.#ports = ports;
  }

  /** The last restarts, the oldest first. */
  get restarts(): readonly RestartMark[] {
    return [...this.#restarts];
  }

  /** Tells a change of state. */
  transition(before: ChannelState, after: ChannelState, input: ChannelInput): void {
    const { bus, channel } = this.#ports;
    if (!bus.isObserved) return;
    bus.emit({
      type: 'channel.transition',
      channel,
      from: before.status,
      to: after.status,
      cause: causeOf(input),
      generation: after.generation,
      attempt: after.attempt,
      by: 'by' in input ? input.by : 'supervisor',
      nextRetryAt: retryAtOf(after),
      restartsInWindow: after.restarts.length,
      error: after.lastError === before.lastError ? undefined : after.lastError,
    });
  }

  /** Marks and tells a restart, a giving up or a swap. */
  report({ kind, cause, by, delayMs, error }: ReportEffect, state: ChannelState): void {
    const { bus, channel, clock } = this.#ports;
    const { generation, restarts, metadata } = state;
    const redelivered = this.#ports.queued();
    const gaveUp = kind === 'gaveUp';
    this.#restarts.push({ at: clock.timestamp(), generation, cause, by, redelivered, gaveUp });
    if (this.#restarts.length > MAX_LISTED_RESTARTS) this.#restarts.shift();
    if (!bus.isObserved) return;

    const isAdopted = kind === 'swapped' && error === undefined;
    bus.emit({
      type: `channel.${kind}`,
      channel,
      generation,
      cause,
      by,
      delayMs,
      restartsInWindow: restarts.length,
      redelivered,
      kind: isAdopted ? this.#ports.kind() : undefined,
      metadata: isAdopted ? metadata : undefined,
      error,
    });
  }

  /** Tells that a session could not be resumed: messages may be missing between. */
  replayGap(generation: number): void {
    const { bus, channel } = this.#ports;
    if (!bus.isObserved) return;
    bus.emit({
      type: 'channel.replayGap',
      channel,
      generation,
      cause: 'not-resumed',
      by: 'supervisor',
      redelivered: this.#ports.queued(),
    });
  }
}

/** When the next try is, in epoch milliseconds, if there is one. */
export function retryAtOf(state: ChannelState): number | undefined {
  return state.status === 'backoff' ? state.nextRetryAt : undefined;
}

function causeOf(input: ChannelInput): string {
  if ('ending' in input) return input.ending.cause;
  if (input.type === 'elapsed') return input.timer;
  return 'cause' in input && input.cause !== undefined ? input.cause : input.type;
}
