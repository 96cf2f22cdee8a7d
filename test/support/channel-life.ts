import type { ChannelStatus, SluiceEventDraft } from '@sluice/core/events';
import { SimulatedEngine } from '../../packages/dashboard/src/sample/simulated-engine.ts';

/** An engine with one connected channel for each name, and no pools. */
export function anEngineOfChannels(names: readonly string[], startAt: number): SimulatedEngine {
  const channels = names.map((channel) => ({ channel, kind: 'websocket', since: startAt }));
  const story = { name: 'an engine', pools: [], channels, script: [] };
  return new SimulatedEngine({ story, random: () => 0.5, startAt });
}

/** A channel's move from one state to another. */
export function moves(
  channel: string,
  [from, to]: readonly [ChannelStatus, ChannelStatus],
  how: { readonly cause: string; readonly by?: 'supervisor' | 'hand' } = { cause: 'opened' },
): SluiceEventDraft {
  const { cause, by = 'supervisor' } = how;
  return { type: 'channel.transition', channel, from, to, cause, by, generation: 1, attempt: 0 };
}

/** A swap that was done. */
export function isSwapped(channel: string, generation: number): SluiceEventDraft {
  const how = { generation, cause: 'swap', by: 'hand', redelivered: 0 } as const;
  return { type: 'channel.swapped', channel, ...how };
}

/** A message that was given up. */
export function isGivenUp(channel: string, message: string): SluiceEventDraft {
  const fields = { message, namespace: 'n', runId: message };
  return { type: 'message.deadLettered', channel, reason: 'handler-failed', ...fields };
}
