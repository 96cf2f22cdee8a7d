import type { Clock } from '@sluice/core';
import type { GapReason, SessionFrame } from './protocol.ts';

/** A frame and its place among those of its session. */
export interface LoggedFrame {
  /** Names the session's log and the place in it. Opaque to clients, who give it back to resume. */
  readonly event: string;
  readonly frame: SessionFrame;
}

/** What came after an event, as far as it is still there. */
export interface Replay {
  readonly frames: readonly LoggedFrame[];
  /** Set when frames are missing before those: never restart silently. */
  readonly gap: GapReason | undefined;
}

/** How much a log keeps, and how long. */
export interface SessionLogLimits {
  readonly maxFrames: number;
  readonly maxBytes: number;
  readonly ttlMs: number;
}

interface Entry extends LoggedFrame {
  readonly place: number;
  readonly at: number;
  readonly bytes: number;
  /** The exchange whose growth it shows; its end makes it superfluous. */
  readonly growthOf: string | undefined;
}

/**
 * The latest frames of one session, for readers who come back. Bounded in number, bytes and age, the oldest go first. A
 * reply's end holds its whole text: what came before it is let go without a gap.
 */
export class SessionLog {
  readonly #limits: SessionLogLimits;
  readonly #clock: Clock;
  readonly #tag: string = shortTag();
  #entries: Entry[] = [];
  #bytes = 0;
  #last = 0;
  /** Everything up to here may be missing. */
  #lostThrough = 0;

  constructor(limits: SessionLogLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** About how many bytes it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Names the place of the latest frame. */
  get latest(): string {
    return this.#eventAt(this.#last);
  }

  /** Adds a frame. `exchange` names the reply that it is part of. */
  append(frame: SessionFrame, exchange: string): LoggedFrame {
    const isLast = frame.type === 'response' || frame.type === 'error';
    if (isLast) this.#supersede(exchange);
    this.#last += 1;
    const entry: Entry = {
      event: this.#eventAt(this.#last),
      frame,
      place: this.#last,
      at: this.#clock.now(),
      bytes: sizeOf(frame),
      growthOf: isLast ? undefined : exchange,
    };
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    this.#trim();
    return entry;
  }

  /** Reads what came after `event`; after nothing, what is still to come. */
  after(event: string | undefined): Replay {
    this.#trim();
    if (event === undefined) return { frames: [], gap: undefined };
    const place = this.#placeOf(event);
    if (place === undefined) return { frames: this.#entries, gap: 'event_unknown' };
    const frames = this.#entries.filter((entry) => entry.place > place);
    return { frames, gap: place < this.#lostThrough ? 'expired' : undefined };
  }

  /** Lets go of everything. Who resumes from before is told of a gap. */
  clear(): void {
    this.#drop(this.#entries.length);
  }

  #supersede(exchange: string): void {
    this.#entries = this.#entries.filter((entry) => {
      if (entry.growthOf !== exchange) return true;
      this.#bytes -= entry.bytes;
      return false;
    });
  }

  #trim(): void {
    const { maxFrames, maxBytes, ttlMs } = this.#limits;
    const tooOld = this.#clock.now() - ttlMs;
    let count = Math.max(0, this.#entries.length - maxFrames);
    let bytes = this.#bytes;
    for (const [at, entry] of this.#entries.entries()) {
      if (at >= count && bytes <= maxBytes && entry.at > tooOld) break;
      bytes -= entry.bytes;
      count = Math.max(count, at + 1);
    }
    this.#drop(count);
  }

  #drop(count: number): void {
    for (const { bytes, place } of this.#entries.splice(0, count)) {
      this.#bytes -= bytes;
      this.#lostThrough = place;
    }
  }

  #eventAt(place: number): string {
    return `${this.#tag}-${place}`;
  }

  #placeOf(event: string): number | undefined {
    const place = Number(event.slice(this.#tag.length + 1));
    const isOwn = Number.isInteger(place) && place <= this.#last && this.#eventAt(place) === event;
    return isOwn ? place : undefined;
  }
}

/** Text units stand for bytes, and some more for the objects that hold them: a frame without text takes about 400. */
function sizeOf(frame: SessionFrame): number {
  const texts = Object.values(frame).filter((value) => typeof value === 'string');
  return texts.reduce((sum, text) => sum + text.length, 400);
}

/** Tells the logs of two sessions apart; not a secret. */
function shortTag(): string {
  return [...crypto.getRandomValues(new Uint8Array(4))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
