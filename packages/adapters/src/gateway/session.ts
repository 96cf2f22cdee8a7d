import type { Clock } from '@sluice/core';
import type { Exchange } from './exchange.ts';
import type { GoodbyeReason, SessionFrame } from './protocol.ts';
import { type LoggedFrame, type Replay, SessionLog, type SessionLogLimits } from './session-log.ts';

/** Somebody who follows a session: a WebSocket that resumed it, or an event stream. */
export interface SessionReader {
  frame(logged: LoggedFrame): void;
  /** Nothing more comes. Called at most once, and never after `detach`. */
  end(reason: GoodbyeReason): void;
}

/** What all sessions have in common. */
export interface SessionTerms {
  readonly clock: Clock;
  readonly log: SessionLogLimits;
  /** Readers of one session; one more takes the place of the first. */
  readonly maxReaders: number;
  /** How long replies go on when the last reader is gone. */
  readonly graceMs: number;
  /** Hears that a log grew. */
  readonly onGrown: (session: GatewaySession, bytes: number) => void;
}

/** How many ids of clients' own are remembered, so that a message that is sent again is not answered twice. */
const REMEMBERED_IDS = 64;

/** One conversation of a gateway: who follows it, and what they can read again. */
export class GatewaySession {
  /** Unguessable; whoever knows it may speak in it. */
  readonly id: string;
  /** The principal it belongs to, when the gateway authenticates. */
  readonly owner: string | undefined;
  readonly log: SessionLog;
  /** Unanswered messages. */
  readonly pending: Set<Exchange> = new Set();

  readonly #terms: SessionTerms;
  readonly #readers = new Set<SessionReader>();
  /** Exchanges that belong to whoever follows the session, not to one connection. */
  readonly #adopted = new Set<Exchange>();
  /** Adopted exchanges by the client's own id; of those that have ended, the id alone. */
  readonly #known = new Map<string, Exchange | 'ended'>();
  readonly #untold: LoggedFrame[] = [];
  #stopGrace: () => void = nothing;

  constructor(id: string, owner: string | undefined, terms: SessionTerms) {
    this.id = id;
    this.owner = owner;
    this.#terms = terms;
    this.log = new SessionLog(terms.log, terms.clock);
  }

  /** How many follow it. */
  get readers(): number {
    return this.#readers.size;
  }

  /** The clients' own ids of adopted messages that are not answered yet. */
  get underWay(): readonly string[] {
    return [...this.#adopted].flatMap(({ label }) => label ?? []);
  }

  /** Keeps a frame for later readers and gives it to those who are there. */
  publish(frame: SessionFrame, exchange: string): LoggedFrame {
    const logged = this.#counted(() => this.log.append(frame, exchange));
    this.#untold.push(logged);
    if (this.#untold.length === 1) this.#tell();
    return logged;
  }

  /** Adds a reader and gives back what it missed. In one step: no frame can come between. */
  attach(reader: SessionReader, after: string | undefined): Replay {
    this.#stopGrace();
    this.#readers.add(reader);
    const [first] = this.#readers;
    if (this.#readers.size > this.#terms.maxReaders && first !== undefined) {
      this.#readers.delete(first);
      first.end('replaced');
    }
    return this.#counted(() => this.log.after(after));
  }

  /** Removes a reader. With the last one, adopted exchanges have their grace, or end at once when it meant to leave. */
  detach(reader: SessionReader, { isLeaving }: { readonly isLeaving: boolean }): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#adopted.size === 0) return;
    if (isLeaving) return this.#leave();
    const { clock, graceMs } = this.#terms;
    this.#stopGrace = clock.after(graceMs, () => this.#leave(), { unref: true });
  }

  /** Lets an exchange outlive the connection that it came by. */
  adopt(exchange: Exchange): void {
    this.#adopted.add(exchange);
    const { label } = exchange;
    if (label === undefined) return;
    this.#known.set(label, exchange);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED_IDS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Finds an adopted exchange by the client's own id; for a while after its end, that it has ended. */
  known(label: string): Exchange | 'ended' | undefined {
    return this.#known.get(label);
  }

  /** Lets go of an exchange that has ended. */
  release(exchange: Exchange): void {
    if (!this.#adopted.delete(exchange)) return;
    const { label } = exchange;
    if (label !== undefined && this.#known.has(label)) this.#known.set(label, 'ended');
    if (this.#adopted.size === 0) this.#stopGrace();
  }

  /** Ends all readers. */
  end(reason: GoodbyeReason): void {
    const readers = [...this.#readers];
    this.#readers.clear();
    for (const reader of readers) reader.end(reason);
  }

  /** Whatever is done with the log, its size is told: all logs together have a bound. */
  #counted<T>(work: () => T): T {
    const before = this.log.bytes;
    const result = work();
    this.#terms.onGrown(this, this.log.bytes - before);
    return result;
  }

  /** A reader that is cut off may end an exchange: that frame waits until the others have heard this one. */
  #tell(): void {
    for (let next = this.#untold[0]; next !== undefined; next = this.#untold[0]) {
      for (const reader of this.#readers) reader.frame(next);
      this.#untold.shift();
    }
  }

  #leave(): void {
    for (const exchange of this.#adopted) exchange.leave();
  }
}

function nothing(): void {}
