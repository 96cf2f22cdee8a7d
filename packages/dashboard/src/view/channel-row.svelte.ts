import type { RestartMark } from '@sluice/core/events';
import type { ChannelState } from '../state/channel-state.ts';
import type { Frame } from '../state/frame.ts';
import { SWAP_CAUSES } from '../state/ribbon.ts';
import { CHANNEL_WORDS } from './channel-words.ts';
import { clockTime, count, wholeAge } from './format.ts';
import { messages } from './messages.ts';
import type { Stretch } from './pool-row.svelte.ts';
import { shown } from './untrusted.ts';

/** A restart as it is drawn: several that are close share one mark. */
export interface MarkText {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly look: 'restart' | 'hand' | 'gaveUp';
  /** What is said of it on hover and focus. */
  readonly text: string;
}

/** The stretch of time that a row shows, and the words for what is not known of it. */
export type RowStretch = Stretch & { readonly gaps: string };

/** One row of the channels: texts that are written only when they differ, and what its painter reads. */
export class ChannelRow {
  readonly name: string;
  /** The name as it may stand in a line. */
  readonly title: string;
  state: string = $state('');
  since: string = $state('');
  tone: 'plain' | 'press' | 'alarm' = $state('plain');
  restarts: string = $state('');
  traffic: string = $state('');
  /** How many messages were given up; empty when none was. */
  deadLetters: string = $state('');
  label: string = $state('');
  marks: readonly MarkText[] = $state.raw([]);

  /** What the painter reads. */
  channel: ChannelState;
  isOnScreen = true;

  constructor(channel: ChannelState) {
    this.name = channel.name;
    this.title = shown(channel.name, 200);
    this.channel = channel;
  }

  /** Writes what it says, each second. */
  sample(channel: ChannelState, frame: Frame, stretch: RowStretch): void {
    this.channel = channel;
    const { status, since, series } = channel;
    const word = CHANNEL_WORDS[status] ?? shown(status, 40);
    const restarts = series.ribbon.restarts(stretch.from * 1000, frame.at);
    const dead = series.deadLetters.sum(stretch.from, stretch.to);
    this.state = `${STATE_GLYPHS[status] ?? ''}${word}`;
    this.tone = toneOf(status);
    this.since = wholeAge(frame.at - since);
    this.restarts = messages.channel.restarts(restarts);
    this.traffic = `${aMinute(series.received.sum(stretch.to - 60, stretch.to))} / ${aMinute(series.replied.sum(stretch.to - 60, stretch.to))}`;
    this.deadLetters = dead === 0 ? '' : `✕ ${count(dead)}`;
    this.label =
      messages.channel.ribbon(this.title, `${word} for ${this.since}`, restarts) +
      messages.channel.deadLetters(dead) +
      stretch.gaps;
    this.#sampleMarks(stretch, frame);
  }

  #sampleMarks({ from }: Stretch, frame: Frame): void {
    const marks = this.channel.series.ribbon.marks.filter(
      ({ at }) => at > from * 1000 && at <= frame.at,
    );
    const last = marks.at(-1)?.at;
    if (marks.length === this.marks.length && last === this.marks.at(-1)?.at) return;
    this.marks = marks.map(markText);
  }
}

/** What stands before a state's word. */
const STATE_GLYPHS: Readonly<Record<string, string>> = { failed: '✕ ', paused: '‖ ' };

function markText({ at, generation, cause, by, redelivered, gaveUp }: RestartMark): MarkText {
  const why = shown(cause, 200);
  if (gaveUp) return { at, look: 'gaveUp', text: messages.channel.gaveUp(clockTime(at), why) };
  const isByHand = by === 'hand';
  if (SWAP_CAUSES.includes(cause)) {
    const text = messages.channel.swapped(clockTime(at), generation, isByHand);
    return { at, look: isByHand ? 'hand' : 'restart', text };
  }
  const text = [
    messages.channel.mark(clockTime(at), why, generation),
    isByHand ? messages.channel.byHand : '',
    redelivered > 0 ? messages.channel.redelivered(redelivered) : '',
  ];
  return { at, look: isByHand ? 'hand' : 'restart', text: text.join('') };
}

function toneOf(status: ChannelState['status']): 'plain' | 'press' | 'alarm' {
  if (status === 'failed') return 'alarm';
  return status === 'backoff' || status === 'connecting' ? 'press' : 'plain';
}

function aMinute(value: number): string {
  return count(value);
}
