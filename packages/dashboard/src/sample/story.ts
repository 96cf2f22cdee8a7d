import type { ChannelStatus, MovedBy, SluiceEventDraft } from '@sluice/core/events';
import type { SimulatedStory } from './simulated-engine.ts';

/** How long the story takes until its last moment, in milliseconds. */
export const STORY_MS = 1_200_000;

type Scene = SimulatedStory['script'][number];

/**
 * Twenty minutes of a support desk: one provider fills up and a line forms, one is tripped, a channel restarts three
 * times, one is restarted by hand, and one fails and leaves a client behind. `startAt` is in epoch milliseconds.
 */
export function supportDesk(startAt: number): SimulatedStory {
  return {
    name: 'checkout-api',
    pools: [anthropic(), openai(), ollama(), azure()],
    channels: CHANNELS.map((channel) => ({
      ...channel,
      since: startAt + STORY_MS - channel.sinceAgoMs,
    })),
    script: script(startAt),
  };
}

function anthropic(): SimulatedStory['pools'][number] {
  return {
    name: 'anthropic',
    provider: 'Anthropic',
    model: 'sonnet',
    maxSize: 10,
    minIdle: 2,
    acquireTimeoutMs: 30_000,
    demand: (atMs) => along(ANTHROPIC_DEMAND, atMs) + ripple(atMs, 0.6),
    heldMs: 5_600,
    waitMs: 30,
    channels: { 'gateway-ws': 14, 'slack-support': 2, 'discord-main': 2 },
    used: { requests: 0.92, tokens: 0.71 },
    special: [
      { atMs: ago(108.2), channel: 'webhook-crm', heldMs: 3_600_000 },
      { atMs: ago(19.5), channel: 'gateway-ws', heldMs: 60_000 },
    ],
  };
}

function openai(): SimulatedStory['pools'][number] {
  return {
    name: 'openai',
    provider: 'OpenAI',
    model: 'mini',
    maxSize: 12,
    minIdle: 2,
    acquireTimeoutMs: 30_000,
    demand: (atMs) => 7.4 + ripple(atMs, 1.6),
    heldMs: 3_100,
    waitMs: 5,
    channels: { 'gateway-ws': 11, 'discord-main': 3, 'telegram-bot': 1 },
    used: { requests: 0.48, tokens: 0.55 },
  };
}

function ollama(): SimulatedStory['pools'][number] {
  return {
    name: 'ollama',
    provider: 'Ollama',
    model: 'local GPU',
    maxSize: 4,
    minIdle: 1,
    acquireTimeoutMs: 60_000,
    demand: (atMs) => 2.6 + 1.3 * Math.sin(atMs / 16_000),
    heldMs: 10_300,
    waitMs: 74,
    channels: { 'gateway-ws': 3, 'discord-main': 1 },
  };
}

function azure(): SimulatedStory['pools'][number] {
  return {
    name: 'azure-eu',
    provider: 'Azure OpenAI',
    model: 'EU',
    maxSize: 8,
    minIdle: 2,
    acquireTimeoutMs: 30_000,
    demand: (atMs) => (atMs > ago(118) ? 0 : 2.2 + ripple(atMs, 0.8)),
    heldMs: 1_900,
    waitMs: 9,
    channels: { 'gateway-ws': 5, 'webhook-crm': 1 },
    used: { requests: 0.06, tokens: 0.02 },
  };
}

/** Seconds before the last moment, and how many clients are wanted then. */
const ANTHROPIC_DEMAND: readonly (readonly [secondsAgo: number, demand: number])[] = [
  [1_200, 6],
  [900, 5],
  [700, 3],
  [480, 4],
  [300, 4.5],
  [230, 6],
  [185, 3],
  [172, 3.4],
  [150, 9],
  [140, 10],
  [118, 12.6],
  [96, 14.6],
  [70, 11],
  [60, 10.4],
  [35, 15],
  [20, 15.4],
  [8, 17],
  [0, 17],
  [-600, 12],
];

function script(startAt: number): readonly Scene[] {
  const scenes = [
    ...slackRestarts(828, 10, 7),
    ...slackRestarts(504, 11, 8),
    ...slackRestarts(207, 12, 9),
    ...slackRestarts(126, 13, 6),
    ...slackRestarts(87, 14, 12),
    ...telegramByHand(),
    ...webhookFails(),
    ...azureTrips(startAt + STORY_MS),
  ];
  return scenes.toSorted((a, b) => a.atMs - b.atMs);
}

const CHANNELS = [
  { channel: 'discord-main', kind: 'discord', sinceAgoMs: 187_200_000 },
  { channel: 'slack-support', kind: 'slack', sinceAgoMs: 22_320_000 },
  { channel: 'telegram-bot', kind: 'telegram', sinceAgoMs: 22_320_000 },
  { channel: 'gateway-ws', kind: 'gateway', sinceAgoMs: 22_320_000 },
  { channel: 'webhook-crm', kind: 'webhook', sinceAgoMs: 22_320_000 },
] as const;

function slackRestarts(secondsAgo: number, generation: number, seconds: number): readonly Scene[] {
  const channel = 'slack-support';
  const cause = 'heartbeat missed for 45 s';
  const restart = { channel, generation, cause, by: 'supervisor', redelivered: 2 } as const;
  return [
    at(secondsAgo, { type: 'channel.restarting', ...restart, generation: generation - 1 }),
    at(secondsAgo, moves(channel, ['running', 'connecting'], { generation, cause })),
    ...connects(channel, secondsAgo - seconds, generation),
  ];
}

function telegramByHand(): readonly Scene[] {
  const channel = 'telegram-bot';
  const how = { generation: 3, cause: 'restarted by hand', by: 'hand' } as const;
  return [
    at(51, moves(channel, ['running', 'draining'], { ...how, generation: 2 })),
    at(30, { type: 'channel.restarting', channel, redelivered: 0, ...how, generation: 2 }),
    at(30, moves(channel, ['draining', 'connecting'], how)),
    ...connects(channel, 29.4, 3),
  ];
}

function webhookFails(): readonly Scene[] {
  const channel = 'webhook-crm';
  const error = {
    name: 'ChannelFailedError',
    code: 'CHANNEL_FAILED',
    message: 'the peer answers 410',
  };
  const how = { generation: 5, cause: 'restart intensity exceeded', by: 'supervisor' } as const;
  return [
    at(168, {
      type: 'channel.restarting',
      channel,
      redelivered: 0,
      ...how,
      generation: 4,
      cause: 'the peer closed',
    }),
    at(168, moves(channel, ['running', 'connecting'], { generation: 5, cause: 'the peer closed' })),
    at(150, moves(channel, ['connecting', 'failed'], how)),
    at(150, { type: 'channel.gaveUp', channel, redelivered: 0, error, ...how }),
  ];
}

function azureTrips(endAt: number): readonly Scene[] {
  const [target, pool] = ['azure-eu/EU', 'azure-eu'];
  const failed = (secondsAgo: number): Scene =>
    at(secondsAgo, {
      type: 'attempt.failed',
      runId: '6a10',
      call: 1,
      attempt: 1,
      target,
      pool,
      lease: 1,
      durationMs: 1_020,
      kind: 'overloaded',
      status: 503,
      partial: false,
    });
  const circuit = (secondsAgo: number, state: 'open' | 'half-open'): Scene => {
    const probeAt = state === 'open' ? endAt + 21_000 : undefined;
    return at(secondsAgo, {
      type: 'target.circuit',
      target,
      pool,
      state,
      failures: 6,
      calls: 10,
      probeAt,
    });
  };
  return [
    failed(119.6),
    failed(119.1),
    failed(118.5),
    circuit(118.4, 'open'),
    circuit(2, 'half-open'),
    failed(1),
    circuit(0.9, 'open'),
  ];
}

function connects(channel: string, secondsAgo: number, generation: number): readonly Scene[] {
  return [
    at(secondsAgo, moves(channel, ['connecting', 'running'], { generation, cause: 'opened' })),
  ];
}

function moves(
  channel: string,
  [from, to]: readonly [ChannelStatus, ChannelStatus],
  how: { readonly generation: number; readonly cause: string; readonly by?: MovedBy },
): SluiceEventDraft {
  return { type: 'channel.transition', channel, from, to, attempt: 0, by: 'supervisor', ...how };
}

function at(secondsAgo: number, event: SluiceEventDraft): Scene {
  return { atMs: ago(secondsAgo), event };
}

function ago(seconds: number): number {
  return STORY_MS - seconds * 1000;
}

/** Reads a curve of points in seconds before the end. */
function along(points: readonly (readonly [number, number])[], atMs: number): number {
  const secondsAgo = (STORY_MS - atMs) / 1000;
  const next = points.findIndex(([seconds]) => seconds <= secondsAgo);
  const [toAgo, to] = points[next] ?? points.at(-1) ?? [0, 0];
  const [fromAgo, from] = points[next - 1] ?? [toAgo, to];
  if (fromAgo === toAgo) return to;
  return from + ((fromAgo - secondsAgo) / (fromAgo - toAgo)) * (to - from);
}

/** A curve that looks like chance and is not. */
function ripple(atMs: number, height: number): number {
  const t = atMs / 1000;
  return (
    height * (0.5 * Math.sin(t / 7.3) + 0.3 * Math.sin(t / 2.9 + 1) + 0.2 * Math.sin(t / 29 + 2))
  );
}
