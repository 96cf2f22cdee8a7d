import type { ChannelState } from '../state/channel-state.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import { CHANNEL_WORDS } from './channel-words.ts';
import type { DashboardView } from './dashboard-view.svelte.ts';
import { clockTime, count, MISSING, wholeAge } from './format.ts';
import { gapWords } from './gap-words.ts';
import { tideMarks, TIDE_SPAN_MS } from './tide.ts';
import { shown } from './untrusted.ts';

/** A row of a table: its head, then its cells. */
export interface TableRow {
  readonly head: string;
  readonly cells: readonly string[];
}

/** A stretch of a channel's life. */
export interface LifeRow {
  readonly key: string;
  readonly channel: string;
  readonly from: string;
  readonly state: string;
  readonly lasted: string;
}

/** How many points a line of demand has as a table. */
const STEPS = 10;
/** How long a row of the tide line's table is, in seconds. */
const TIDE_ROW_S = 120;

/** What the pictures of the Overview show, as tables. */
export class PictureTables {
  /** When the steps of the demand end. */
  steps: readonly string[] = $state.raw([]);
  demand: readonly TableRow[] = $state.raw([]);
  lives: readonly LifeRow[] = $state.raw([]);
  tide: readonly TableRow[] = $state.raw([]);

  readonly #view: DashboardView;

  constructor(view: DashboardView) {
    this.#view = view;
  }

  /** Writes them anew, each second. */
  sampleSlow(): void {
    const { pools, channels, stretch, frame } = this.#view;
    const stepS = (stretch.to - stretch.from) / STEPS;
    const ends = Array.from({ length: STEPS }, (_, step) => stretch.from + (step + 1) * stepS);
    this.steps = ends.map((second) => clockTime(second * 1000));
    this.demand = pools.map(({ title, group }) => ({
      head: title,
      cells: ends.map((second) => demandText(group, second)),
    }));
    const from = frame.at - this.#view.windowMs;
    this.lives = channels.flatMap(({ channel }) => livesOf(channel, from, frame.at));
    this.tide = this.#tideRows();
  }

  #tideRows(): readonly TableRow[] {
    const { feed } = this.#view;
    const { fold } = feed;
    const marks = tideMarks(feed);
    const rows: TableRow[] = [];
    const end = Math.floor(fold.at / 1000);
    for (let to = end; to > end - TIDE_SPAN_MS / 1000; to -= TIDE_ROW_S) {
      const from = to - TIDE_ROW_S;
      const within = marks.filter(({ at }) => at > from * 1000 && at <= to * 1000);
      const failed = within.filter(({ look }) => look === 'failed').length;
      const gaps = gapWords(fold.gaps.all, from * 1000, to * 1000).replace(/^, /, '');
      const peak = Number.isNaN(fold.demand.read(to - 1))
        ? MISSING
        : count(fold.demand.peak(from, to));
      const cells = [peak, count(within.length - failed), count(failed), gaps];
      rows.push({ head: clockTime(from * 1000), cells });
    }
    return rows;
  }
}

function demandText(group: PoolGroup, second: number): string {
  const demand = group.at('inUse', second - 1) + group.at('waiting', second - 1);
  const capacity = group.at('capacity', second - 1);
  return Number.isNaN(demand) ? MISSING : `${count(demand)} of ${count(capacity)}`;
}

function livesOf({ name, series }: ChannelState, from: number, to: number): readonly LifeRow[] {
  const { segments, marks } = series.ribbon;
  const channel = shown(name, 80);
  const states = segments.map((segment, index) => ({
    at: segment.from,
    end: segments[index + 1]?.from ?? to,
    state: CHANNEL_WORDS[segment.status] ?? shown(segment.status, 40),
  }));
  const restarts = marks.map(({ at, cause, gaveUp }) => ({
    at,
    end: Number.NaN,
    state: `${gaveUp ? 'Gave up' : 'Restarted'}: ${shown(cause, 200)}`,
  }));
  return [...states, ...restarts]
    .filter(({ at, end }) => at <= to && (Number.isNaN(end) ? at > from : end > from))
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, end, state }) => ({
      key: `${name} ${at} ${state}`,
      channel,
      from: clockTime(at),
      state,
      lasted: Number.isNaN(end) ? MISSING : wholeAge(end - at),
    }));
}
