import type { ChannelState } from '../state/channel-state.ts';
import type { ChannelRow, MarkText } from './channel-row.svelte.ts';
import type { DashboardView } from './dashboard-view.svelte.ts';
import type { EventLine } from './event-line.ts';
import { count, plural, wholeAge } from './format.ts';
import { linesAbout } from './subject-events.ts';
import { shown } from './untrusted.ts';

/** A channel, opened: its life, why it restarted, what waits in it. */
export class ChannelDrawer {
  readonly kind = 'channel';
  readonly name: string;
  readonly title: string;
  words: string = $state('');
  state: string = $state('');
  stateText: string = $state('');
  tone: ChannelRow['tone'] = $state('plain');
  label: string = $state('');
  traffic: string = $state('');
  backlog: string = $state('');
  /** How many messages were given up in the window; empty when none was. */
  deadLetters: string = $state('');
  lastError: string = $state('');
  marks: readonly MarkText[] = $state.raw([]);
  events: readonly EventLine[] = $state.raw([]);
  json: string = $state('');
  /** What the painter reads. */
  channel: ChannelState;

  readonly #view: DashboardView;
  readonly #row: ChannelRow;

  constructor(view: DashboardView, row: ChannelRow) {
    this.#view = view;
    this.#row = row;
    this.name = row.name;
    this.title = row.title;
    this.channel = row.channel;
  }

  /** Writes what it says, each second. */
  sampleSlow(): void {
    const { frame, feed } = this.#view;
    const row = this.#row;
    const { channel } = row;
    this.channel = channel;
    this.words = `${shown(channel.kind, 80)}, generation ${channel.generation}`;
    this.state = row.state;
    this.tone = row.tone;
    this.stateText = stateText(channel, frame.at);
    this.label = row.label;
    this.traffic = `${row.traffic} messages in and out in the last minute`;
    const { from, to } = this.#view.stretch;
    const dead = channel.series.deadLetters.sum(from, to);
    this.deadLetters = dead === 0 ? '' : `${plural(dead, 'message')} given up`;
    this.backlog = `${count(channel.queued)} queued, ${count(channel.running)} being handled`;
    this.lastError = channel.lastError === undefined ? '' : shown(channel.lastError);
    this.marks = row.marks;
    this.events = linesAbout(
      feed.fold.notable.latest(frame.at, 500),
      (event) => 'channel' in event && event.channel === this.name,
    );
    this.json = jsonOf(channel);
  }
}

function stateText(channel: ChannelState, at: number): string {
  const since = `For ${wholeAge(at - channel.since)}.`;
  const attempt = channel.attempt > 0 ? ` ${plural(channel.attempt, 'try', 'tries')} so far.` : '';
  const next =
    channel.nextRetryAt === undefined
      ? ''
      : ` Tries again in ${wholeAge(channel.nextRetryAt - at)}.`;
  return `${since}${attempt}${next}`;
}

function jsonOf(channel: ChannelState): string {
  const { name, kind, status, generation, attempt, queued, running, restartsInWindow, lastError } =
    channel;
  return JSON.stringify(
    { name, kind, status, generation, attempt, queued, running, restartsInWindow, lastError },
    undefined,
    2,
  );
}
