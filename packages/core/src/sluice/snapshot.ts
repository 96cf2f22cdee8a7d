import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';
import { CODEC_VERSION } from '../events/codec.ts';
import type { SluiceEventDraft } from '../events/event.ts';
import type { Capability, EngineSnapshot } from '../events/snapshot.ts';
import type { Agents } from './agents.ts';
import type { LiveRuns } from './runs.ts';

/** What a snapshot is taken of. */
export interface SnapshotParts {
  readonly name: string;
  readonly environment: string;
  readonly startedAt: number;
  readonly capabilities: readonly Capability[];
  readonly clock: Clock;
  readonly bus: EventBus<SluiceEventDraft>;
  readonly clients: ClientPool;
  readonly channels: ChannelManager;
  readonly agents: Agents;
  readonly runs: LiveRuns;
}

/** Takes the whole engine as plain JSON, in one synchronous step: nothing happens between its parts. */
export function takeSnapshot(parts: SnapshotParts): EngineSnapshot {
  const { name, environment, startedAt, capabilities, clock, bus, clients, runs } = parts;
  const { pools, targets, faults } = clients.snapshot();
  return {
    ...bus.position,
    at: clock.timestamp(),
    codec: CODEC_VERSION,
    name,
    environment,
    startedAt,
    pools,
    targets,
    channels: parts.channels.snapshot(),
    runs: runs.snapshot(),
    routes: parts.agents.snapshot(),
    faults,
    counters: {
      'calls.started': clients.calls.started,
      'calls.failed': clients.calls.failed,
      ...runs.counters,
    },
    capabilities,
  };
}
