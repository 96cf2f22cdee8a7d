import { withoutUndefined } from '../base/json.ts';
import type { MessageEvent } from './channel-event.ts';
import type { EventOf, SluiceEvent } from './event.ts';
import { changeWhere } from './fold-list.ts';
import type { ChannelSnapshot, EngineSnapshot, RestartMark } from './snapshot.ts';

type Added = EventOf<'channel.added'>;
type Restarted = EventOf<'channel.restarting' | 'channel.gaveUp' | 'channel.swapped'>;

/** How many restarts of each channel a snapshot lists. */
export const MAX_LISTED_RESTARTS = 32;

/** Folds an event of a channel or of its messages. `applyEvent` lists what each one changes. */
export function foldChannel(snapshot: EngineSnapshot, event: SluiceEvent): EngineSnapshot {
  if (!('channel' in event)) return snapshot;
  const others = snapshot.channels.filter(({ channel }) => channel !== event.channel);
  if (event.type === 'channel.removed') return { ...snapshot, channels: others };
  if (event.type === 'channel.added') {
    return { ...snapshot, channels: [...others, addedChannel(event)] };
  }
  const channels = changeWhere(
    snapshot.channels,
    ({ channel }) => channel === event.channel,
    (before) => withoutUndefined(changed(before, event)),
  );
  return { ...snapshot, channels };
}

function addedChannel({ channel, kind, metadata, at }: Added): ChannelSnapshot {
  return {
    channel,
    kind,
    state: 'idle',
    since: at,
    generation: 0,
    attempt: 0,
    restartsInWindow: 0,
    restarts: [],
    metadata,
    received: 0,
    replied: 0,
    queued: 0,
    running: 0,
  };
}

function changed(channel: ChannelSnapshot, event: SluiceEvent): ChannelSnapshot {
  switch (event.type) {
    case 'channel.transition':
      return {
        ...channel,
        state: event.to,
        since: event.at,
        generation: event.generation,
        attempt: event.attempt,
        nextRetryAt: event.nextRetryAt,
        lastError: event.error ?? channel.lastError,
        restartsInWindow: event.restartsInWindow ?? channel.restartsInWindow,
        metadata: event.metadata ?? channel.metadata,
      };
    case 'channel.restarting':
    case 'channel.gaveUp':
    case 'channel.swapped':
      return restarted(channel, event);
    case 'message.received':
    case 'message.queued':
    case 'message.started':
    case 'message.replied':
    case 'message.ignored':
    case 'message.failed':
    case 'message.duplicate':
    case 'message.deadLettered':
      return recounted(channel, event);
    default:
      return channel;
  }
}

function restarted(channel: ChannelSnapshot, event: Restarted): ChannelSnapshot {
  const { at, generation, cause, by, redelivered } = event;
  const gaveUp = event.type === 'channel.gaveUp';
  const mark: RestartMark = { at, generation, cause, by, redelivered, gaveUp };
  return {
    ...channel,
    kind: event.kind ?? channel.kind,
    generation,
    restarts: [...channel.restarts, mark].slice(-MAX_LISTED_RESTARTS),
    restartsInWindow: event.restartsInWindow ?? channel.restartsInWindow,
    lastError: event.error ?? channel.lastError,
    metadata: event.metadata ?? channel.metadata,
  };
}

function recounted(channel: ChannelSnapshot, event: MessageEvent): ChannelSnapshot {
  const next = { ...channel, ...countsAfter(channel, event.type) };
  return {
    ...next,
    queued: event.queued ?? next.queued,
    running: event.running ?? next.running,
  };
}

/** The counts by the type of the event alone: for emitters that do not tell them. */
function countsAfter(
  { received, replied, queued, running }: ChannelSnapshot,
  type: MessageEvent['type'],
): Partial<ChannelSnapshot> {
  const oneLess = Math.max(0, running - 1);
  switch (type) {
    case 'message.received':
      return { received: received + 1 };
    case 'message.queued':
      return { queued: queued + 1 };
    case 'message.started':
      return { queued: Math.max(0, queued - 1), running: running + 1 };
    case 'message.replied':
      return { replied: replied + 1, running: oneLess };
    case 'message.ignored':
    case 'message.failed':
      return { running: oneLess };
    case 'message.duplicate':
    case 'message.deadLettered':
      return {};
  }
}
