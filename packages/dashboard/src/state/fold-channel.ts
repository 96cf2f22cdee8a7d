import type { RestartMark, SluiceEvent } from '@sluice/core/events';
import type { ChannelState } from './channel-state.ts';

/** An event that names a channel. */
export type ChannelEvent = Extract<SluiceEvent, { readonly channel: string }>;

/** Folds an event of a channel, or of a message in it. */
export function foldChannel(channel: ChannelState, event: ChannelEvent): void {
  const second = Math.floor(event.at / 1000);
  switch (event.type) {
    case 'channel.added':
      channel.kind = event.kind;
      return;
    case 'channel.transition':
      channel.generation = event.generation;
      channel.attempt = event.attempt;
      channel.nextRetryAt = event.nextRetryAt;
      channel.restartsInWindow = event.restartsInWindow ?? channel.restartsInWindow;
      channel.lastError = event.error?.message ?? channel.lastError;
      return channel.enter(event.to, event.at);
    case 'channel.restarting':
    case 'channel.gaveUp':
    case 'channel.swapped':
      if (event.type === 'channel.gaveUp') channel.series.errors.add(second, 1);
      channel.restartsInWindow = event.restartsInWindow ?? channel.restartsInWindow;
      channel.lastError = event.error?.message ?? channel.lastError;
      channel.kind = event.kind ?? channel.kind;
      return channel.mark(markOf(event));
    case 'message.received':
      return channel.series.received.add(second, 1);
    case 'message.replied':
      return channel.series.replied.add(second, 1);
    case 'message.deadLettered':
      channel.series.deadLetters.add(second, 1);
      channel.version += 1; // it is drawn
      return channel.series.errors.add(second, 1);
    case 'send.failed':
      return channel.series.errors.add(second, 1);
    default: // the counts of queued and running messages, below, are all that the rest changes
  }
}

/** Folds how many messages of a channel wait and run: what the event says, else one more or one less. */
export function foldBacklog(channel: ChannelState, event: ChannelEvent): void {
  if (event.type === 'message.queued') channel.queued += 1;
  if (event.type === 'message.started') {
    channel.queued = Math.max(0, channel.queued - 1);
    channel.running += 1;
  }
  if (ENDS_RUNNING.has(event.type)) channel.running = Math.max(0, channel.running - 1);
  if ('queued' in event && event.queued !== undefined) channel.queued = event.queued;
  if ('running' in event && event.running !== undefined) channel.running = event.running;
}

const ENDS_RUNNING: ReadonlySet<string> = new Set([
  'message.replied',
  'message.ignored',
  'message.failed',
]);

function markOf(event: Extract<ChannelEvent, { readonly redelivered: number }>): RestartMark {
  const { at, generation, cause, by, redelivered } = event;
  return { at, generation, cause, by, redelivered, gaveUp: event.type === 'channel.gaveUp' };
}
