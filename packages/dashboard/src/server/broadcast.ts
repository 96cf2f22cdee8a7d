import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import { localSource } from '../sources/local.ts';
import type { SourceMessage } from '../sources/source.ts';
import type { Unsubscribable } from '../sources/subscribable.ts';
import { Fold } from '../state/fold.ts';
import { type FoldedHistory, historyOf } from '../state/history.ts';
import { eventsFrame, frame, parsePlace, placeOf } from './frames.ts';
import { LIMITS, type ServerTime, type WatchedEngine } from './options.ts';
import { Reader } from './reader.ts';

/** A whole picture: what is, and what was. */
export interface Picture {
  readonly snapshot: EngineSnapshot;
  readonly history: FoldedHistory;
}

/**
 * One engine's events for many readers. It watches and folds from its creation, so that a page that is opened late has
 * its history, and writes each frame once, whoever reads it.
 */
export class Broadcast {
  readonly #engine: WatchedEngine;
  readonly #time: ServerTime;
  readonly #fold: Fold = new Fold();
  readonly #readers = new Set<Reader>();
  readonly #watching: Unsubscribable;
  #place: { readonly epoch: string; readonly seq: number } = { epoch: '', seq: 0 };
  #ring: SluiceEvent[] = [];
  #unsent: SluiceEvent[] = [];
  #stopTimer: (() => void) | undefined;

  constructor(engine: WatchedEngine, time: ServerTime) {
    this.#engine = engine;
    this.#time = time;
    this.#watching = localSource(engine).subscribe((message) => this.#receive(message));
  }

  /** How many read now. */
  get readers(): number {
    return this.#readers.size;
  }

  /** The engine as it is, with what was recorded. */
  picture(): Picture {
    this.#fold.tick(this.#time.timestamp());
    return { snapshot: this.#engine.snapshot(), history: historyOf(this.#fold) };
  }

  /** Opens a stream: from where the reader stood if that is remembered without a hole, else with a whole picture. */
  open(lastEventId: string | null, onEnd: () => void): ReadableStream<Uint8Array> {
    this.#flush(); // so that what is unsent reaches the others only
    const reader: Reader = new Reader({
      time: this.#time,
      catchUp: () => [frame('gap', {}), this.#pictureFrame()],
      onEnd: () => {
        this.#readers.delete(reader);
        onEnd();
      },
    });
    this.#readers.add(reader);
    for (const bytes of this.#openingFrames(lastEventId)) reader.send(bytes);
    return reader.body;
  }

  /** Stops watching and ends every stream. */
  close(): void {
    this.#stopTimer?.();
    this.#watching.unsubscribe();
    for (const reader of [...this.#readers]) reader.close();
  }

  #receive(message: SourceMessage): void {
    switch (message.type) {
      case 'events':
        for (const event of message.events) this.#fold.add(event);
        this.#remember(message.events);
        this.#flushSoon();
        return;
      case 'snapshot':
        return this.#restart(message.snapshot);
      case 'gap':
        this.#flush();
        return this.#broadcast(frame('gap', { lost: message.lost }));
      case 'status':
        return; // an engine in this process is there or is gone with it
    }
  }

  /** The sequence begins anew: everyone gets the picture, and nobody can resume from before. */
  #restart(snapshot: EngineSnapshot): void {
    const isFirst = this.#fold.engine === undefined;
    this.#flush();
    this.#place = { epoch: snapshot.epoch, seq: snapshot.seq };
    this.#ring = [];
    this.#fold.reset(snapshot, isFirst ? undefined : historyOf(this.#fold));
    if (!isFirst) this.#broadcast(this.#pictureFrame());
  }

  #remember(events: readonly SluiceEvent[]): void {
    const last = events.at(-1);
    if (last !== undefined) this.#place = { epoch: last.epoch, seq: last.seq };
    this.#ring.push(...events);
    this.#unsent.push(...events);
    if (this.#ring.length > LIMITS.ring * 2) this.#ring = this.#ring.slice(-LIMITS.ring);
    if (this.#unsent.length >= LIMITS.eventsPerFrame) this.#flush();
  }

  #flushSoon(): void {
    if (this.#unsent.length === 0) return;
    this.#stopTimer ??= this.#time.after(LIMITS.frameMs, () => this.#flush(), { unref: true });
  }

  #flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#unsent.length === 0) return;
    const events = this.#unsent;
    this.#unsent = [];
    if (this.#readers.size > 0) this.#broadcast(eventsFrame(events));
  }

  #broadcast(bytes: Uint8Array): void {
    for (const reader of this.#readers) reader.send(bytes);
  }

  #openingFrames(lastEventId: string | null): readonly Uint8Array[] {
    if (lastEventId === null) return [this.#pictureFrame()];
    const missed = this.#since(lastEventId);
    if (missed === undefined) return [frame('gap', {}), this.#pictureFrame()];
    return missed.length === 0 ? [] : [eventsFrame(missed)];
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
