import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import { localSource } from '../sources/local.ts';
import type { SourceMessage } from '../sources/source.ts';
import type { Unsubscribable } from '../sources/subscribable.ts';
import { Feed } from '../state/feed.ts';
import type { FoldedHistory } from '../state/history.ts';
import { historyOf } from '../state/record.ts';
import { eventsFrame, frame, parsePlace, placeOf } from './frames.ts';
import { LIMITS, type ServerTime, type WatchedEngine } from './options.ts';
import { Reader } from './reader.ts';

/** A whole picture: what is, and what was. */
export interface Picture {
  readonly snapshot: EngineSnapshot;
  readonly history: FoldedHistory;
}

/**
 * One engine's events for many readers. It watches and folds from its start, so that a page that is opened late has its
 * history, and writes each frame once, whoever reads it. It remembers 10,000 events, and at times twice as many.
 */
export class Broadcast {
  readonly #engine: WatchedEngine;
  readonly #time: ServerTime;
  readonly #feed: Feed = new Feed();
  readonly #readers = new Set<Reader>();
  #watching: Unsubscribable | undefined;
  #place: { readonly epoch: string; readonly seq: number } = { epoch: '', seq: 0 };
  #ring: SluiceEvent[] = [];
  #unsent: SluiceEvent[] = [];
  #stopTimer: (() => void) | undefined;

  constructor(engine: WatchedEngine, time: ServerTime) {
    this.#engine = engine;
    this.#time = time;
  }

  /** How many read now. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Watches the engine until closed. */
  start(): void {
    this.#watching ??= localSource(this.#engine).subscribe((message) => this.#receive(message));
  }

  /** Takes a picture of the engine as it is, with what was recorded. */
  picture(): Picture {
    this.#feed.fold.tick(this.#time.timestamp());
    return { snapshot: this.#engine.snapshot(), history: historyOf(this.#feed.fold) };
  }

  /**
   * Opens a stream: from where the reader stood if that is remembered without a hole, else with a whole picture. Calls
   * `onEnd` once, when the stream has ended, but not when this throws.
   *
   * @throws what the engine's `snapshot` throws.
   */
  open(lastEventId: string | null, onEnd: () => void): ReadableStream<Uint8Array> {
    this.#flush(); // what is unsent is in the opening of this reader
    const reader: Reader = new Reader({
      time: this.#time,
      opening: this.#openingFrames(lastEventId),
      catchUp: () => [frame('gap', {}), this.#pictureFrame()],
      onEnd: () => {
        this.#readers.delete(reader);
        onEnd();
      },
    });
    this.#readers.add(reader);
    return reader.body;
  }

  /** Stops watching and ends every stream. */
  close(): void {
    this.#stopTimer?.();
    this.#watching?.unsubscribe();
    for (const reader of this.#readers) reader.close();
  }

  #receive(message: SourceMessage): void {
    if (message.type === 'snapshot') this.#flush();
    const isFirst = !this.#feed.hasSnapshot;
    this.#feed.receive(message, this.#time.timestamp());
    switch (message.type) {
      case 'events':
        return this.#remember(message.events);
      case 'snapshot':
        return this.#restart(message.snapshot, isFirst);
      case 'gap':
        this.#flush();
        return this.#broadcast(frame('gap', { lost: message.lost }));
      case 'status':
        return; // an engine in this process is there or is gone with it
    }
  }

  /** The sequence begins anew: everyone gets the picture, and nobody can resume from before. */
  #restart(snapshot: EngineSnapshot, isFirst: boolean): void {
    this.#place = { epoch: snapshot.epoch, seq: snapshot.seq };
    this.#ring = [];
    if (!isFirst && this.#readers.size > 0) this.#broadcast(this.#pictureFrame());
  }

  #remember(events: readonly SluiceEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#place = { epoch: last.epoch, seq: last.seq };
    this.#ring.push(...events);
    if (this.#ring.length > LIMITS.ring * 2) this.#ring = this.#ring.slice(-LIMITS.ring);
    if (this.#readers.size === 0) return;
    this.#unsent.push(...events);
    if (this.#unsent.length >= LIMITS.eventsPerFrame) return this.#flush();
    this.#stopTimer ??= this.#time.after(LIMITS.frameMs, () => this.#flush(), { unref: true });
  }

  #flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#unsent.length === 0) return;
    const events = this.#unsent;
    this.#unsent = [];
    this.#broadcast(eventsFrame(events));
  }

  #broadcast(bytes: Uint8Array): void {
    for (const reader of this.#readers) reader.send(bytes);
  }

  #openingFrames(lastEventId: string | null): readonly Uint8Array[] {
    if (lastEventId === null) return [this.#pictureFrame()];
    const missed = this.#since(lastEventId);
    if (missed === undefined) return [frame('gap', {}), this.#pictureFrame()];
    const frames: Uint8Array[] = [];
    for (let i = 0; i < missed.length; i += LIMITS.eventsPerFrame) {
      frames.push(eventsFrame(missed.slice(i, i + LIMITS.eventsPerFrame)));
    }
    return frames;
  }

  #since(lastEventId: string): readonly SluiceEvent[] | undefined {
    const place = parsePlace(lastEventId);
    if (place === undefined || place.epoch !== this.#place.epoch) return undefined;
    if (place.seq > this.#place.seq) return undefined;
    if (place.seq === this.#place.seq) return [];
    const first = this.#ring[0];
    if (first === undefined || place.seq < first.seq - 1) return undefined;
    return this.#ring.filter((event) => event.seq > place.seq);
  }

  #pictureFrame(): Uint8Array {
    const picture = this.picture();
    return frame('snapshot', picture, placeOf(picture.snapshot));
  }
}
