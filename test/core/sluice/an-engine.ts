import {
  type ClientPoolOptions,
  ClientPool,
  createSluice,
  type Engine,
  seededRandom,
  type SluiceOptions,
} from '@sluice/core';
import type { SluiceEvent } from '@sluice/core/events';
import { ScriptedChannel, ScriptedProvider, VirtualClock } from '@sluice/core/testing';

/** An engine of fakes on a virtual clock: one channel `web`, one provider `main`, two agents. */
export interface TestEngine {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly channel: ScriptedChannel;
  readonly provider: ScriptedProvider;
}

/** What a test may want otherwise. */
export type TestEngineOptions = Partial<SluiceOptions> & {
  readonly channel?: ScriptedChannel;
  readonly pool?: ClientPoolOptions;
};

export function anEngine(options: TestEngineOptions = {}): TestEngine {
  const { channel = new ScriptedChannel(), pool = {}, ...rest } = options;
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const provider = new ScriptedProvider({ clock });
  const clients = new ClientPool({ providers: { main: provider }, clock, random, ...pool });
  const engine = createSluice({
    clients,
    channels: [{ id: 'web', channel }],
    agents: [
      { name: 'atlas', instructions: 'You know rivers.' },
      { name: 'codebot', instructions: 'You write code.' },
    ],
    routes: { rules: [{ kind: 'mention', agent: 'codebot' }], fallback: 'atlas' },
    clock,
    random,
    ...rest,
  });
  return { engine, clock, channel, provider };
}

/** The events of an engine, from now on. */
export function eventsOf(engine: Engine): SluiceEvent[] {
  const events: SluiceEvent[] = [];
  engine.events$.subscribe((event) => void events.push(event));
  return events;
}

/** Lets everything settle that needs no time: a message passes more promises than one `settle` waits for. */
export async function settled(clock: VirtualClock): Promise<void> {
  for (let rounds = 0; rounds < 6; rounds += 1) await clock.settle();
}

/** Stops an engine whose work will not end by itself. */
export async function stopped(engine: Engine, clock: VirtualClock): Promise<void> {
  const stopping = engine.stop({ deadlineMs: 0 });
  await clock.advance(1_000);
  await stopping;
}
