import type { SluiceEvent } from '@sluice/core/events';
import { expect, it } from 'vitest';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import type { SourceMessage } from '../../../packages/dashboard/src/sources/source.ts';
import { aLife, anEmptyEngine, anOpening } from '../../support/engine-life.ts';

it('subscribes first, and tells nothing twice that the snapshot contains', () => {
  const [first, second] = aLife([anOpening('a'), anOpening('b')]);
  const engine = new FakeEngine();
  engine.onSnapshot = () => engine.emit(first!); // happens between the subscription and the snapshot
  engine.seq = 1;

  const told = subscribe(engine);
  engine.emit(second!);

  expect(told.map(({ type }) => type)).toEqual(['snapshot', 'status', 'events']);
  expect(told[2]).toMatchObject({ events: [{ pool: 'b' }] });
});

it('says how many events are missing and starts again from a snapshot', () => {
  const life = aLife([anOpening('a'), anOpening('b'), anOpening('c')]);
  const engine = new FakeEngine();
  const told = subscribe(engine);

  engine.emit(life[0]!);
  engine.seq = 3;
  engine.emit(life[2]!);

  expect(told.slice(3)).toMatchObject([
    { type: 'gap', lost: 1 },
    { type: 'snapshot', snapshot: { seq: 3 } },
  ]);
});

it('does not read a language that it does not speak', () => {
  const engine = new FakeEngine();
  engine.codec = '2.0';

  const told = subscribe(engine);

  expect(told).toEqual([
    { type: 'status', status: { status: 'mismatch', ours: '1', theirs: '2.0' } },
  ]);
  expect(engine.observers.size).toBe(0);
});

it('lets go of the engine when it is unsubscribed', () => {
  const engine = new FakeEngine();
  const subscription = localSource(engine).subscribe(() => undefined);

  subscription.unsubscribe();

  expect(engine.observers.size).toBe(0);
});

function subscribe(engine: FakeEngine): readonly SourceMessage[] {
  const told: SourceMessage[] = [];
  localSource(engine).subscribe((message) => told.push(message));
  return told;
}

class FakeEngine {
  readonly observers = new Set<(event: SluiceEvent) => void>();
  seq = 0;
  codec = '1.0';
  onSnapshot: () => void = () => undefined;

  readonly events$ = {
    subscribe: (next: (event: SluiceEvent) => void) => {
      this.observers.add(next);
      return { unsubscribe: () => void this.observers.delete(next) };
    },
  };

  snapshot() {
    this.onSnapshot();
    return anEmptyEngine({ seq: this.seq, codec: this.codec });
  }

  emit(event: SluiceEvent): void {
    for (const next of this.observers) next(event);
  }
}
