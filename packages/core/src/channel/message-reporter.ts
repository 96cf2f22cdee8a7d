import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { ChannelId } from '../base/id.ts';
import type { MessageEvent, MessageFields } from '../events/channel-event.ts';
import { toEventError } from '../events/redact.ts';
import { formatNamespace } from '../message/envelope.ts';
import type { AcceptedMessage } from './accepted-message.ts';
import type { ChannelManagerEventDraft, DeadLetterDraft } from './channel-manager-event.ts';
import type { MessageListener } from './handler.ts';
import type { Outcome } from './message-run.ts';
import type { SendReport } from './sender.ts';

/** What a reporter needs. */
export interface MessageReporterPorts {
  readonly channel: ChannelId;
  readonly clock: Clock;
  readonly bus: EventBus<ChannelManagerEventDraft>;
  readonly deadLetters: EventBus<DeadLetterDraft>;
  readonly hashIdentity: (text: string) => string;
  readonly onMessage: MessageListener | undefined;
}

/** How many messages wait and are handled, which every event of a message tells. */
type Counts = () => { readonly queued: number; readonly running: number };

/** What is said of a message before it ended. */
export interface MessageTold {
  readonly type: Exclude<MessageEvent['type'], 'message.failed' | 'message.deadLettered'>;
  readonly of: Pick<AcceptedMessage, 'message' | 'runId'>;
  /** Overrides the count. */
  readonly queued?: number | undefined;
  readonly durationMs?: number | undefined;
}

/** Tells observers what happens to the messages of one channel. Builds nothing for nobody. */
export class MessageReporter {
  readonly #ports: MessageReporterPorts;
  readonly #counts: Counts;

  constructor(ports: MessageReporterPorts, counts: Counts) {
    this.#ports = ports;
    this.#counts = counts;
  }

  /** Tells a step on the way of a message. */
  tell({ type, of, queued, durationMs }: MessageTold): void {
    this.#emit(type, of, (fields) => {
      const told = queued === undefined ? fields : { ...fields, queued };
      return durationMs === undefined ? { ...told, type } : { ...told, type, durationMs };
    });
  }

  /** Tells how a message ended. */
  tellEnd(accepted: AcceptedMessage, outcome: Outcome): void {
    const durationMs = this.#ports.clock.now() - accepted.acceptedAt;
    switch (outcome.kind) {
      case 'replied':
      case 'ignored':
        return this.tell({ type: `message.${outcome.kind}`, of: accepted, durationMs });
      case 'failed':
        return this.#emit('message.failed', accepted, (fields) => {
          const error = toEventError(outcome.error);
          return { ...fields, type: 'message.failed', durationMs, error };
        });
      case 'dead':
        return this.#bury(accepted, outcome, durationMs);
    }
  }

  /** Tells of a final piece on its way out. */
  tellSend({ type, thread, part, durationMs, error }: SendReport): void {
    const { bus, channel } = this.#ports;
    if (!bus.isObserved) return;
    const fields = { channel, runId: thread.runId, part };
    if (type === 'send.started') bus.emit({ type, ...fields });
    else if (type === 'send.finished') bus.emit({ type, ...fields, durationMs });
    else bus.emit({ type, ...fields, durationMs, error: toEventError(error) });
  }

  #bury(
    accepted: AcceptedMessage,
    { reason, error }: Extract<Outcome, { readonly kind: 'dead' }>,
    durationMs: number,
  ): void {
    const { channel, deadLetters } = this.#ports;
    const { message, runId } = accepted;
    this.#emit('message.deadLettered', accepted, (fields) => {
      return { ...fields, type: 'message.deadLettered', durationMs, reason };
    });
    deadLetters.emit({ type: 'deadLetter', channel, message, runId, reason, error });
  }

  #emit(
    type: MessageEvent['type'],
    { message, runId }: MessageTold['of'],
    build: (fields: MessageFields) => MessageEvent,
  ): void {
    const { bus, channel, hashIdentity, onMessage } = this.#ports;
    onMessage?.(type, { message, runId, channel });
    if (!bus.isObserved) return;
    const namespace = hashIdentity(formatNamespace(message.namespace));
    const { queued, running } = this.#counts();
    bus.emit(build({ channel, message: message.id, namespace, runId, queued, running }));
  }
}
