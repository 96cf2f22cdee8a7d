import type { MessageId } from '../base/id.ts';
import type { ReplyAddress } from '../message/envelope.ts';
import type { ChannelCapabilities, HangUpReason, Session } from './channel.ts';
import type { Intake } from './intake.ts';

/** One open session and what the supervisor knows of it. */
export class Connection {
  readonly generation: number;
  readonly session: Session;
  readonly capabilities: ChannelCapabilities;
  /** The number of the ownership under which it was made, if one is needed. */
  readonly fence: number | undefined;
  /** The messages that come by it, once it was made the current connection. */
  intake: Intake | undefined;

  readonly #onBroken: (error: unknown) => void;
  readonly #onQuiet: (() => void)[] = [];
  #isOpen = true;
  #unsettled = 0;

  /** `onBroken` hears of a session that throws where it must not. */
  constructor(
    generation: number,
    session: Session,
    options: {
      readonly capabilities?: ChannelCapabilities | undefined;
      readonly fence?: number | undefined;
      readonly onBroken: (error: unknown) => void;
    },
  ) {
    this.generation = generation;
    this.session = session;
    this.capabilities = options.capabilities ?? {};
    this.fence = options.fence;
    this.#onBroken = options.onBroken;
  }

  /** Whether replies can be sent by it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Notes that the peer, or a fault, ended it: nothing more can be sent. */
  markEnded(): void {
    this.#isOpen = false;
  }

  /** Counts a message that came by it and is to be answered. */
  accept(): void {
    this.#unsettled += 1;
  }

  /** Counts one of its messages as settled. */
  settle(): void {
    this.#unsettled -= 1;
    if (this.#unsettled === 0) for (const listener of this.#onQuiet.splice(0)) listener();
  }

  /** Calls back once, when all its messages are settled: at once when they are. */
  whenQuiet(listener: () => void): void {
    if (this.#unsettled === 0) listener();
    else this.#onQuiet.push(listener);
  }

  /** Says that a message, and all before it, need not be delivered again. */
  acknowledge(id: MessageId): void {
    this.#tell(() => this.session.ack?.(id));
  }

  /** Says that nothing more will be sent for a message. */
  finish(address: ReplyAddress): void {
    this.#tell(() => this.session.done?.(address));
  }

  /** What the next session needs to go on where this one ended. */
  resumeInfo(): unknown {
    let info: unknown;
    this.#tell(() => {
      info = this.session.resumeInfo?.();
    });
    return info;
  }

  /** Hangs up. Takes and sends nothing from now on. Never rejects. */
  async close(reason: HangUpReason, signal: AbortSignal): Promise<void> {
    this.#isOpen = false;
    void this.intake?.close(); // never rejects
    try {
      await this.session.close(reason, signal);
    } catch {
      // A session that cannot be closed cleanly is as gone as one that can: nobody could do anything about it.
    }
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onBroken(error);
    }
  }
}
