import { newId, type RunId, runId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { formatNamespace, type InboundMessage } from '../message/envelope.ts';
import type { AcceptedMessage } from './accepted-message.ts';
import { AckLedger } from './ack-ledger.ts';
import type { Connection } from './connection.ts';
import { Dedupe } from './dedupe.ts';
import type { MessageHandler } from './handler.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { MessageReporter, type MessageReporterPorts } from './message-reporter.ts';
import { addressOf, MessageRun, type MessageRunPorts, type Outcome } from './message-run.ts';
import { CHANNEL_DEFAULTS, type ResolvedChannelDefinition } from './options.ts';
import { Outbox } from './outbox.ts';
import { type ReplyThread, replyThread } from './reply-thread.ts';

/** What deliveries need. */
export interface DeliveryPorts extends MessageReporterPorts {
  readonly handler: MessageHandler;
  readonly random: Random;
  /** How long the handler may take, in milliseconds. */
  readonly handlerTimeoutMs: number;
  /** What the sender reads when the handler throws. */
  readonly errorText: string;
  /** What the sender reads when a message is refused. */
  readonly busyText: string;
  readonly definition: () => ResolvedChannelDefinition;
  /** The connection that serves now, if there is one. */
  readonly current: () => Connection | undefined;
  /** Called when there may be room for more, or nothing left. */
  readonly onChange: () => void;
}

/**
 * What becomes of the messages of one channel, whatever becomes of its connections: accepted once, served in the order
 * of their namespace, answered by the connection by which they came or else by the one that serves now, settled once.
 */
export class Delivery {
  readonly #ports: DeliveryPorts;
  readonly #queue: KeyedQueue<AcceptedMessage>;
  readonly #dedupe: Dedupe<RunId>;
  readonly #outbox: Outbox;
  /** The same for all: made once, since each step on the way of a message counts. */
  readonly #runPorts: MessageRunPorts;
  readonly #reporter: MessageReporter;
  readonly #acks = new AckLedger();
  readonly #running = new Set<AcceptedMessage>();
  #received = 0;
  #replied = 0;

  constructor(ports: DeliveryPorts) {
    const { clock, random, definition } = ports;
    this.#ports = ports;
    this.#reporter = new MessageReporter(ports, () => this.counts);
    this.#dedupe = new Dedupe(clock, () => definition().dedupe ?? CHANNEL_DEFAULTS.dedupe);
    this.#queue = new KeyedQueue({
      limits: () => definition().queue,
      work: (batch, turn) => this.#run(batch, turn),
      onSuperseded: (accepted) => this.#settle(accepted, { kind: 'dead', reason: 'superseded' }),
      onChange: ports.onChange,
    });
    this.#outbox = new Outbox({
      clock,
      random,
      options: () => definition().outbox,
      capabilities: () => definition().channel.capabilities ?? {},
      route: (thread) => this.#route(thread),
      report: (event) => this.#reporter.tellSend(event),
      onEmpty: ports.onChange,
    });
    this.#runPorts = { ...ports, outbox: this.#outbox, route: (thread) => this.#route(thread) };
  }

  /** What a snapshot tells. */
  get counts(): {
    readonly received: number;
    readonly replied: number;
    readonly queued: number;
    readonly running: number;
  } {
    const { size: queued } = this.#queue;
    return {
      received: this.#received,
      replied: this.#replied,
      queued,
      running: this.#running.size,
    };
  }

  /** Whether nothing waits, runs or is being sent. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#queue.active === 0 && this.#outbox.size === 0;
  }

  /** Whether another message may be asked for. */
  get hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  /** Whether messages wait outside while there is no room. */
  get isBlocking(): boolean {
    return this.#ports.definition().queue.overflow === 'block';
  }

  /** Takes a message. False, and nothing done, when it must wait for room. */
  accept(message: InboundMessage, connection: Connection): boolean {
    return this.#ports.bus.together(() => this.#accept(message, connection));
  }

  /** Turns a message away that could not even wait. */
  refuse(message: InboundMessage, connection: Connection): void {
    this.#ports.bus.together(() => {
      if (!this.#isDuplicate(message, connection)) this.#refuse(message, connection);
    });
  }

  /** Gives a message up that came when nobody would answer it any more. A redelivery of it is handled anew. */
  giveUp(message: InboundMessage, connection: Connection): void {
    this.#ports.bus.together(() => {
      if (this.#isDuplicate(message, connection)) return;
      const accepted = this.#admit(message, formatNamespace(message.namespace), connection);
      this.#settle(accepted, { kind: 'dead', reason: 'stopped' });
    });
  }

  /** Starts no more messages until `release`. */
  hold(): void {
    this.#queue.hold();
  }

  /** Starts messages again. */
  release(): void {
    this.#queue.release();
  }

  /** Says that there is a connection again. */
  wake(): void {
    this.#outbox.wake();
  }

  /** Aborts what runs with `reason` and gives up what waits. Redeliveries of it are handled anew. */
  abandon(reason: unknown): void {
    this.#ports.bus.together(() => {
      const given = [...this.#running, ...this.#queue.abandon(reason)];
      this.#running.clear();
      this.#acks.clear();
      for (const accepted of given) this.#settle(accepted, { kind: 'dead', reason: 'stopped' });
      this.#outbox.abandon(reason);
    });
    this.#ports.onChange();
  }

  #accept(message: InboundMessage, connection: Connection): boolean {
    if (this.#isDuplicate(message, connection)) return true;
    const key = formatNamespace(message.namespace);
    if (!this.#queue.hasRoomFor(key) && !this.#makeRoom(key)) {
      if (this.isBlocking) return false;
      this.#refuse(message, connection);
      return true;
    }
    const accepted = this.#admit(message, key, connection);
    const queued = this.#queue.size + 1; // told first: its turn may begin while it is added
    this.#reporter.tell({ type: 'message.queued', of: accepted, queued });
    this.#queue.offer(key, accepted);
    return true;
  }

  #admit(message: InboundMessage, key: string, connection: Connection): AcceptedMessage {
    const { clock, random, definition } = this.#ports;
    const run = runId(newId(random));
    const isRemembered = definition().dedupe !== undefined;
    const attempt = isRemembered ? this.#dedupe.claim(message.id, run) : 1;
    const acceptedAt = clock.now();
    const accepted = {
      message,
      runId: run,
      key,
      connection,
      attempt,
      acceptedAt,
      isSettled: false,
      stopWaiting: undefined,
    };
    connection.accept();
    if (connection.capabilities.ack === true) this.#acks.arrive(message.id);
    this.#received += 1;
    this.#reporter.tell({ type: 'message.received', of: accepted });
    return accepted;
  }

  /** A redelivery of what was handled is acknowledged again: the first acknowledgement may have been lost. */
  #isDuplicate(message: InboundMessage, connection: Connection): boolean {
    if (this.#ports.definition().dedupe === undefined) return false;
    const seen = this.#dedupe.seen(message.id);
    if (seen === undefined) return false;
    this.#reporter.tell({ type: 'message.duplicate', of: { message, runId: seen.value } });
    if (seen.kind === 'handled') {
      if (connection.capabilities.ack === true) this.#acknowledge(message, connection, true);
      this.#done(message, connection);
    }
    return true;
  }

  #makeRoom(key: string): boolean {
    if (this.#ports.definition().queue.overflow !== 'drop-oldest') return false;
    const oldest = this.#queue.dropOldest(key);
    if (oldest !== undefined) this.#settle(oldest, { kind: 'dead', reason: 'overflow' });
    return this.#queue.hasRoomFor(key);
  }

  #refuse(message: InboundMessage, connection: Connection): void {
    const accepted = this.#admit(message, formatNamespace(message.namespace), connection);
    const { queue } = this.#ports.definition();
    const isTold = queue.overflow !== 'drop-newest' && this.#outbox.size < queue.capacity;
    const settle = (): void => this.#settle(accepted, { kind: 'dead', reason: 'overflow' });
    if (!isTold) return settle();
    const thread = replyThread(accepted.runId, addressOf(message), connection);
    void this.#outbox.error(thread, this.#ports.busyText, {}).then(settle, settle);
  }

  async #run(batch: readonly AcceptedMessage[], turn: AbortSignal): Promise<void> {
    for (const accepted of batch) {
      this.#running.add(accepted);
      this.#reporter.tell({ type: 'message.started', of: accepted });
    }
    const outcome = await new MessageRun(this.#runPorts, batch).execute(turn);
    this.#ports.bus.together(() => {
      for (const accepted of batch) this.#settle(accepted, outcome);
    });
  }

  /** Ends a message, once: a handler that returns after its message was given up changes nothing. */
  #settle(accepted: AcceptedMessage, outcome: Outcome): void {
    if (accepted.isSettled) return;
    accepted.isSettled = true;
    accepted.stopWaiting?.();
    accepted.stopWaiting = undefined;
    this.#running.delete(accepted);
    const { message, connection, attempt } = accepted;
    const reason = outcome.kind === 'dead' ? outcome.reason : undefined;
    // What was never answered for want of room or time is not a duplicate when it is sent again.
    if (reason === 'stopped' || reason === 'overflow') this.#dedupe.release(message.id, attempt);
    else this.#dedupe.commit(message.id);
    if (outcome.kind === 'replied') this.#replied += 1;
    this.#reporter.tellEnd(accepted, outcome);
    if (reason !== 'stopped') this.#acknowledge(message, connection, false);
    this.#done(message, connection);
    connection.settle();
  }

  #acknowledge(message: InboundMessage, origin: Connection, isAgain: boolean): void {
    const last = isAgain ? message.id : this.#acks.settle(message.id);
    if (last === undefined) return;
    const connection = origin.isOpen ? origin : this.#ports.current();
    connection?.acknowledge(last);
  }

  #done(message: InboundMessage, connection: Connection): void {
    const open = connection.isOpen ? connection : this.#ports.current();
    open?.finish(addressOf(message));
  }

  #route({ origin }: ReplyThread): Connection | undefined {
    return origin.isOpen ? origin : this.#ports.current();
  }
}
