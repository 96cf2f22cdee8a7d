import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';
import type { Intake } from './intake.ts';
import { hangUpWithin } from './hang-up.ts';

/** How connections are let go of. */
export interface LettingGo {
  /** Whether the next connection means to resume it. */
  readonly keepSession: boolean;
  /** Whether there is no time left. */
  readonly isHasty: boolean;
}

/**
 * Every connection of one channel that is open, by its generation: one as a rule, two while one hands over to the next.
 * Each is hung up once, here.
 */
export class OpenConnections {
  readonly #clock: Clock;
  readonly #open = new Map<number, Connection>();
  /** Of connections that are gone: what they hold still waits for room. */
  readonly #leaving = new Set<Intake>();
  #current: Connection | undefined;
  #hangingUp: Promise<void> = Promise.resolve();
  #resume: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The connection that serves now, if replies can be sent by it. */
  get current(): Connection | undefined {
    return this.#current?.isOpen === true ? this.#current : undefined;
  }

  /** What the next connection needs to go on where the last one ended. */
  get resume(): unknown {
    return this.#resume;
  }

  /** Resolves when every connection that was let go of is really closed, or was given up. Never rejects. */
  get hungUp(): Promise<void> {
    return this.#hangingUp;
  }

  /** Whether no message that was taken from a transport still waits for room, and no more can come. */
  get areDone(): boolean {
    const isDone = ({ intake }: Connection): boolean => intake?.isDone !== false;
    return (
      [...this.#open.values()].every(isDone) && [...this.#leaving].every((each) => each.isFlushed)
    );
  }

  /** Keeps a connection that was made. */
  add(connection: Connection): void {
    this.#open.set(connection.generation, connection);
  }

  /** Lets a connection serve. */
  serve(generation: number): Connection | undefined {
    const connection = this.#open.get(generation);
    if (connection !== undefined) this.#current = connection;
    return connection;
  }

  /** Says to all that there may be room again. */
  wake(): void {
    for (const intake of this.#leaving) intake.wake();
    for (const { intake } of this.#open.values()) intake?.wake();
  }

  /** Takes no more from the connection that serves. Resolves once its transport has let go. */
  async closeIntake(): Promise<void> {
    await this.#current?.intake?.close();
  }

  /** Takes no more from any. */
  closeIntakes(): void {
    for (const { intake } of this.#open.values()) void intake?.close(); // tells by `onChange`
  }

  /** Hangs one up, if it is still open. */
  discard(generation: number, how: LettingGo): void {
    const connection = this.#open.get(generation);
    if (connection === undefined) return;
    this.#open.delete(generation);
    for (const intake of this.#leaving) if (intake.isDone) this.#leaving.delete(intake);
    if (connection.intake !== undefined) this.#leaving.add(connection.intake);
    if (this.#current === connection) this.#current = undefined;
    const closed = hangUpWithin(connection, { clock: this.#clock, ...how }).then(() => {
      if (how.keepSession) this.#resume = connection.resumeInfo();
    });
    this.#hangingUp = Promise.all([this.#hangingUp, closed]).then(() => undefined);
  }

  /** Hangs all up. Resolves when they are closed. */
  async discardAll(how: LettingGo): Promise<void> {
    for (const generation of this.#open.keys()) this.discard(generation, how);
    await this.#hangingUp;
    if (!how.keepSession) this.#resume = undefined;
  }

  /** Takes no more from an old one. It stays open for what came by it, since only it may be able to answer. */
  retire(generation: number, deadlineMs: number): void {
    const connection = this.#open.get(generation);
    if (connection === undefined) return;
    void connection.intake?.close(); // what it still holds is taken as room comes
    const hangUp = (): void => this.discard(generation, { keepSession: true, isHasty: false });
    const cancel = this.#clock.after(deadlineMs, hangUp);
    connection.whenQuiet(() => {
      cancel();
      hangUp();
    });
  }
}
