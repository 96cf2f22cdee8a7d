import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import type { FoldedHistory } from '../state/history.ts';
import { CODEC_MAJOR, type DashboardSource, isReadable, type SourceMessage } from './source.ts';
import type { Subscribable, Unsubscribable } from './subscribable.ts';

/** An engine in this page, or anything that looks like one. */
export interface ObservableEngine {
  snapshot(): EngineSnapshot;
  readonly events$: Subscribable<SluiceEvent>;
  /** What was recorded before, when somebody kept it. */
  history?(): FoldedHistory;
}

/**
 * Shows an engine that runs in this page. Subscribes first, then takes the snapshot, so that nothing is missed and
 * nothing counted twice; where `seq` jumps, it says so and takes another snapshot.
 */
export function localSource(engine: ObservableEngine): DashboardSource {
  return { subscribe: (next) => new LocalFeed(engine, next) };
}

class LocalFeed implements Unsubscribable {
  readonly #engine: ObservableEngine;
  readonly #next: (message: SourceMessage) => void;
  readonly #subscription: Unsubscribable;
  #epoch = '';
  #seq = 0;

  constructor(engine: ObservableEngine, next: (message: SourceMessage) => void) {
    this.#engine = engine;
    this.#next = next;
    this.#subscription = engine.events$.subscribe((event) => this.#receive(event));
    this.#begin();
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }

  #begin(): void {
    const snapshot = this.#engine.snapshot();
    if (!isReadable(snapshot.codec)) {
      const status = { status: 'mismatch', ours: CODEC_MAJOR, theirs: snapshot.codec } as const;
      this.#next({ type: 'status', status });
      return this.unsubscribe();
    }
    this.#take(snapshot, this.#engine.history?.());
    this.#next({ type: 'status', status: { status: 'live' } });
  }

  #take(snapshot: EngineSnapshot, history?: FoldedHistory): void {
    this.#epoch = snapshot.epoch;
    this.#seq = snapshot.seq;
    this.#next({ type: 'snapshot', snapshot, history });
  }

  #receive(event: SluiceEvent): void {
    if (this.#epoch === '') return; // before the snapshot, which will contain it
    if (event.epoch === this.#epoch && event.seq <= this.#seq) return;
    if (event.epoch !== this.#epoch || event.seq !== this.#seq + 1) return this.#resume(event);
    this.#seq = event.seq;
    this.#next({ type: 'events', events: [event] });
  }

  #resume(event: SluiceEvent): void {
    const lost = event.epoch === this.#epoch ? event.seq - this.#seq - 1 : undefined;
    this.#next({ type: 'gap', lost });
    this.#take(this.#engine.snapshot());
  }
}
