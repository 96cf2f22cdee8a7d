import type { ChannelCapabilities, HangUpReason, Session } from './channel.ts';
import type { Intake } from './intake.ts';

/** One open session and what the supervisor knows of it. */
export class Connection {
  readonly generation: number;
  readonly session: Session;
  readonly capabilities: ChannelCapabilities;
  /** The messages that come by it, once it was made the current connection. */
  intake: Intake | undefined;

  #isOpen = true;
  #unsettled = 0;
  #closing: Promise<void> | undefined;
  readonly #onQuiet: (() => void)[] = [];

  constructor(generation: number, session: Session, capabilities: ChannelCapabilities = {}) {
    this.generation = generation;
    this.session = session;
    this.capabilities = capabilities;
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

  /** Hangs up, once. Takes no more messages from now on. Never rejects. */
  close(reason: HangUpReason, signal: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(reason, signal);
    return this.#closing;
  }

  async #close(reason: HangUpReason, signal: AbortSignal): Promise<void> {
    this.#isOpen = false;
    void this.intake?.close(); // never rejects
    try {
      await this.session.close(reason, signal);
    } catch {
      // A session that cannot be closed cleanly is as gone as one that can: nobody could do anything about it.
    }
  }
}
