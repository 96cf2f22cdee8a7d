import * as fc from 'fast-check';
import { filter, map, Subscriber } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  EventBus,
  type EventBusOptions,
  type EventStamp,
} from '../../../packages/core/src/base/event-bus.ts';
import { seededRandom } from '../../../packages/core/src/base/random.ts';
import { VirtualClock } from '../../../packages/core/src/testing/virtual-clock.ts';
import { uncaughtErrors } from '../../support/uncaught-errors.ts';
import { runs } from '../../support/tier.ts';

interface Draft {
  readonly type: string;
  readonly n?: number;
}
type Event = Draft & EventStamp;

describe('the event bus', () => {
  const uncaught = uncaughtErrors();
  beforeEach(uncaught.watch);
  afterEach(uncaught.unwatch);

  it('stamps events with a time and a number that counts from 1', () => {
    const clock = new VirtualClock(5_000);
    const bus = aBus({ clock });
    const seen = listenTo(bus);

    bus.emit({ type: 'a', n: 7 });
    bus.emit({ type: 'b' });

    const { epoch } = bus.position;
    expect(seen).toEqual([
      { type: 'a', n: 7, epoch, seq: 1, at: 5_000 },
      { type: 'b', epoch, seq: 2, at: 5_000 },
    ]);
  });

  it('says that nobody would see an event, and neither stamps nor keeps one', () => {
    const bus = aBus({ replay: 10 });
    const { epoch } = bus.position;

    bus.emit({ type: 'a' });

    expect(bus.isObserved).toBe(false);
    expect(bus.position).toEqual({ epoch, seq: 0 });
    expect(bus.since({ epoch, seq: 0 })).toEqual([]);
  });

  it('is observed while somebody listens to it or to a bus above it', () => {
    const [engine, part] = [aBus(), aBus()];
    engine.attach(part);

    const subscription = engine.events$.subscribe();
    const whileObserved = [engine.isObserved, part.isObserved];
    subscription.unsubscribe();

    expect(whileObserved).toEqual([true, true]);
    expect([engine.isObserved, part.isObserved]).toEqual([false, false]);
  });

  it('is not observed by those who listen to a part of it, or to a sister', () => {
    const [engine, part, sister] = [aBus(), aBus(), aBus()];
    engine.attach(part);
    engine.attach(sister);

    part.events$.subscribe();

    expect([engine.isObserved, part.isObserved, sister.isObserved]).toEqual([false, true, false]);
  });

  it('gives every observer the same order, also of events emitted from inside an observer', () => {
    const bus = aBus();
    const first: string[] = [];
    bus.events$.subscribe(({ type }) => {
      first.push(type);
      if (type === 'a') bus.emit({ type: 'b' });
      if (type === 'b') bus.emit({ type: 'c' });
    });
    const second = listenTo(bus);

    bus.emit({ type: 'a' });

    expect(first).toEqual(['a', 'b', 'c']);
    expect(second.map(({ type }) => type)).toEqual(['a', 'b', 'c']);
  });

  it('gives an observer that joins from inside another one only what is stamped from then on', () => {
    const bus = aBus();
    let late: Event[] = [];
    bus.events$.subscribe(({ type }) => {
      if (type !== 'a') return;
      bus.emit({ type: 'b' });
      late = listenTo(bus);
      bus.emit({ type: 'c' });
    });

    bus.emit({ type: 'a' });

    expect(late.map(({ type }) => type)).toEqual(['c']);
  });

  it('gives nothing more to an observer that another one unsubscribes', () => {
    const bus = aBus();
    const left: string[] = [];
    bus.events$.subscribe(() => leaver.unsubscribe());
    const leaver = bus.events$.subscribe(({ type }) => left.push(type));

    bus.emit({ type: 'a' });

    expect(left).toEqual([]);
  });

  it('begins a new epoch when the bus goes from no observer to one', () => {
    const bus = aBus();
    const before = bus.position.epoch;
    bus.events$.subscribe().unsubscribe();
    const between = bus.position.epoch;

    const seen = listenTo(bus);
    bus.emit({ type: 'a' });

    expect(new Set([before, between, seen[0]?.epoch]).size).toBe(3);
    expect(seen[0]?.seq).toBe(1);
  });

  it('keeps its epoch while one observer stays', () => {
    const bus = aBus();
    const seen = listenTo(bus);

    bus.emit({ type: 'a' });
    bus.events$.subscribe().unsubscribe();
    listenTo(bus);
    bus.emit({ type: 'b' });

    expect(seen.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(new Set(seen.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('keeps the parts of one step together, for observers and for the snapshots they take', () => {
    const bus = aBus();
    let state = 0;
    const looks: unknown[] = [];
    bus.events$.subscribe(({ type }) => looks.push([type, state, bus.position.seq]));

    const result = bus.together(() => {
      state = 1;
      bus.emit({ type: 'a' });
      bus.together(() => bus.emit({ type: 'b' }));
      state = 2;
      return 'done';
    });

    expect(result).toBe('done');
    expect(looks).toEqual([
      ['a', 2, 2],
      ['b', 2, 2],
    ]);
  });

  it('delivers what a step emitted also when the step throws', () => {
    const bus = aBus();
    const seen = listenTo(bus);

    const failing = (): void =>
      bus.together(() => {
        bus.emit({ type: 'a' });
        throw new Error('half way');
      });

    expect(failing).toThrow('half way');
    expect(seen).toHaveLength(1);
  });

  describe('with an observer that throws', () => {
    it('reports it once, tells the others that it did, and goes on', async () => {
      const reported: unknown[] = [];
      const bus = aBus({ onObserverError: (error) => reported.push(error) });
      bus.events$.subscribe(() => {
        throw new RangeError('sk-secret');
      });
      const seen = listenTo(bus);

      bus.emit({ type: 'a' });
      bus.emit({ type: 'b' });

      expect(seen.map(({ type }) => type)).toEqual(['a', 'observer.failed', 'b']);
      expect(seen[1]).toMatchObject({ error: { name: 'RangeError', code: 'OBSERVER_FAILED' } });
      expect(JSON.stringify(seen)).not.toContain('sk-secret');
      expect(reported).toEqual([new RangeError('sk-secret')]);
      expect(await uncaught.afterATurn()).toEqual([]);
    });

    it('bears an observer behind operators, and a report that throws itself', async () => {
      const bus = aBus({
        onObserverError: () => {
          throw new Error('the hook is broken too');
        },
      });
      bus.events$.pipe(filter(({ type }) => type === 'a')).subscribe(() => {
        throw new Error('behind filter');
      });
      bus.events$
        .pipe(
          map(() => {
            throw new Error('inside map');
          }),
        )
        .subscribe();
      const seen = listenTo(bus);

      bus.emit({ type: 'a' });
      bus.emit({ type: 'a' });

      expect(seen.filter(({ type }) => type === 'a')).toHaveLength(2);
      expect(seen.filter(({ type }) => type === 'observer.failed')).toHaveLength(2);
      expect(await uncaught.afterATurn()).toEqual([]);
    });

    it('lets go of a Subscriber that somebody made without a guard', async () => {
      const bus = aBus();
      // oxlint-disable-next-line typescript/no-deprecated -- users can still make one
      const unguarded = new Subscriber<Event>();
      unguarded.next = () => {
        throw new Error('no guard');
      };
      bus.events$.subscribe(unguarded);
      const seen = listenTo(bus);

      bus.emit({ type: 'a' });
      bus.emit({ type: 'b' });

      expect(seen.map(({ type }) => type)).toEqual(['a', 'observer.failed', 'b']);
      expect(unguarded.closed).toBe(true);
      expect(await uncaught.afterATurn()).toEqual([]);
    });
  });

  describe('in a tree', () => {
    it('lets the root stamp, and a part be a filter of it', () => {
      const [engine, part, sister] = [aBus(), aBus(), aBus()];
      engine.attach(part);
      engine.attach(sister);
      const all = listenTo(engine);
      const own = listenTo(part);

      part.emit({ type: 'a' });
      sister.emit({ type: 'b' });
      part.emit({ type: 'c' });

      expect(all.map(({ type, seq }) => [type, seq])).toEqual([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]);
      expect(own).toEqual(all.filter(({ type }) => type !== 'b'));
      expect(part.position).toEqual(engine.position);
    });

    it('shows that a part was not watched meanwhile, although a sister was', () => {
      const [engine, part, sister] = [aBus({ replay: 10 }), aBus(), aBus()];
      engine.attach(part);
      engine.attach(sister);
      const reader = engine.events$.subscribe();
      part.emit({ type: 'a' });
      const lastSeen = engine.position;

      reader.unsubscribe();
      sister.events$.subscribe();
      part.emit({ type: 'lost' });
      engine.events$.subscribe();

      expect(engine.since(lastSeen)).toBeUndefined();
    });

    it('gives a part its own sequence back when it is detached', () => {
      const [engine, part] = [aBus(), aBus({ replay: 10 })];
      const seen = listenTo(part);
      part.emit({ type: 'own', n: 1 });
      const own = part.position;
      engine.attach(part);
      part.emit({ type: 'shared' });
      engine.detach(part);
      part.emit({ type: 'own', n: 2 });

      const epochs = seen.map(({ epoch }) => epoch);

      expect(new Set(epochs).size).toBe(3);
      expect(part.since(own)).toBeUndefined();
      expect(part.since({ epoch: part.position.epoch, seq: 0 })).toMatchObject([{ n: 2 }]);
    });

    it('gives a part that is detached from inside an observer first what it emitted before', () => {
      const [engine, part] = [aBus(), aBus()];
      engine.attach(part);
      engine.events$.subscribe(({ type }) => {
        if (type !== 'a') return;
        part.emit({ type: 'before' });
        engine.detach(part);
        part.emit({ type: 'after' });
      });
      const own = listenTo(part);

      engine.emit({ type: 'a' });

      expect(own.map(({ type }) => type)).toEqual(['before', 'after']);
    });

    it('refuses to attach a bus twice, below itself, or while it delivers', () => {
      const [engine, part, other] = [aBus(), aBus(), aBus()];
      engine.attach(part);
      const errors: unknown[] = [];
      other.events$.subscribe(() => {
        try {
          engine.attach(other);
        } catch (error) {
          errors.push(error);
        }
      });

      other.emit({ type: 'a' });

      expect(() => engine.attach(part)).toThrow(TypeError);
      expect(() => part.attach(engine)).toThrow(TypeError);
      expect(() => engine.attach(engine)).toThrow(TypeError);
      expect(errors).toEqual([expect.any(TypeError)]);
    });
  });

  describe('asked for the past', () => {
    it('gives the events after a position, those still waiting to be delivered too', () => {
      const bus = aBus({ replay: 10 });
      const answers: unknown[] = [];
      bus.events$.subscribe(({ type }) => {
        if (type !== 'a') return;
        const { epoch } = bus.position;
        bus.emit({ type: 'b' });
        answers.push(bus.since({ epoch, seq: 0 })?.map((event) => event.type));
      });

      bus.emit({ type: 'a' });

      expect(answers).toEqual([['a', 'b']]);
    });

    it('rather gives nothing than a gap: forgotten events, another epoch, the future', () => {
      const bus = aBus({ replay: 2 });
      listenTo(bus);
      for (let n = 1; n <= 20; n += 1) bus.emit({ type: 'a', n });
      const { epoch } = bus.position;

      const answers = [0, 20, 19, 18, 21].map((seq) =>
        bus.since({ epoch, seq })?.map(({ n }) => n),
      );

      expect(answers).toEqual([undefined, [], [20], [19, 20], undefined]);
      expect(bus.since({ epoch: 'another', seq: 20 })).toBeUndefined();
    });

    it('gives nothing across events that were lost because too many waited', () => {
      const bus = aBus({ replay: 1_000_000 });
      const seen: number[] = [];
      bus.events$.subscribe(({ type, seq }) => {
        seen.push(seq);
        if (type === 'flood') for (let n = 0; n < 70_000; n += 1) bus.emit({ type: 'drop' });
      });
      const { epoch } = bus.position;

      bus.emit({ type: 'flood' });
      bus.emit({ type: 'after' });

      expect(seen).toHaveLength(1 + 65_536 + 1);
      expect(seen.at(-1)).toBe(70_002);
      expect(bus.since({ epoch, seq: 0 })).toBeUndefined();
      expect(bus.since({ epoch, seq: 70_001 })).toMatchObject([{ type: 'after' }]);
    });
  });

  it('keeps one order and no gap under any re-entry, joining, leaving and throwing', () => {
    const step = fc.record({
      bus: fc.nat(2),
      action: fc.constantFrom('emit', 'join', 'leave', 'throw', 'together', 'detach', 'attach'),
    });
    const script = fc.array(step, { maxLength: 60, size: 'max' });

    fc.assert(fc.property(script, fc.nat(), aTreeKeepsItsPromises), {
      numRuns: runs(1_000, 10_000),
    });
  });
});

interface Step {
  readonly bus: number;
  readonly action: string;
}

/** An engine with two parts, whose observers play the script from inside deliveries. */
function aTreeKeepsItsPromises(script: readonly Step[], seed: number): void {
  const random = seededRandom(seed);
  const engine = aBus({ replay: 100_000 });
  const buses = [engine, aBus(), aBus()];
  for (const part of buses.slice(1)) engine.attach(part);
  const logs: Event[][] = [];
  const subscriptions: { unsubscribe(): void }[] = [];
  const steps = script.values();
  let n = 0;
  const witness = listenTo(engine);
  const start = engine.position;

  const playSome = (): void => {
    while (random.next() < 0.6) {
      const step = steps.next();
      if (step.done === true) return;
      play(step.value);
    }
  };
  const play = ({ bus: index, action }: Step): void => {
    const bus = buses[index] ?? engine;
    switch (action) {
      case 'emit':
        n += 1;
        bus.emit({ type: 'e', n });
        break;
      case 'together':
        bus.together(() => {
          n += 2;
          bus.emit({ type: 'e', n: n - 1 });
          bus.emit({ type: 'e', n });
        });
        break;
      case 'throw':
        subscriptions.push(
          bus.events$.subscribe(() => {
            throw new Error('thrower');
          }),
        );
        break;
      case 'join': {
        const log: Event[] = [];
        logs.push(log);
        const isEngine = bus === engine;
        const joinedAt = engine.position;
        subscriptions.push(
          bus.events$.subscribe((event) => {
            if (isEngine) expect(event.seq).toBe((log.at(-1)?.seq ?? joinedAt.seq) + 1);
            log.push(event);
            playSome();
          }),
        );
        break;
      }
      case 'leave':
        subscriptions.splice(Math.floor(random.next() * subscriptions.length), 1)[0]?.unsubscribe();
        break;
      case 'detach':
        if (bus !== engine) engine.detach(bus);
        break;
      case 'attach':
        attachIfLoose(engine, bus);
        break;
    }
  };

  for (let step = steps.next(); step.done !== true; step = steps.next()) play(step.value);

  // The engine's own observer saw every stamp once, in order; everybody else a subsequence of one global order.
  expect(witness.map(({ seq }) => seq)).toEqual(witness.map((_, i) => i + 1));
  expect(engine.since(start)).toEqual(witness);
  for (const log of logs) {
    const own = log.filter(({ epoch }) => epoch === start.epoch).map(({ seq }) => seq);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
    expect(new Set(log).size).toBe(log.length);
    // Every emission of the script counts up, whatever stamped it: so this order is also that across epochs.
    const numbers = log.flatMap((event) => event.n ?? []);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
  for (const subscription of subscriptions) subscription.unsubscribe();
}

function attachIfLoose(engine: EventBus<Draft>, part: EventBus<Draft>): void {
  try {
    engine.attach(part);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
  }
}

function aBus(options: Partial<EventBusOptions> = {}): EventBus<Draft> {
  return new EventBus<Draft>({ clock: new VirtualClock(), random: countingRandom, ...options });
}

/** Every id is another one. */
const countingRandom = seededRandom(1);

function listenTo(bus: EventBus<Draft>): Event[] {
  const seen: Event[] = [];
  bus.events$.subscribe((event) => seen.push(event));
  return seen;
}
