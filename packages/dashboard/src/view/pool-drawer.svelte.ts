import type { Frame } from '../state/frame.ts';
import { emptyHistogram, quantile, samplesIn } from '../state/histogram.ts';
import type { PoolGroup } from '../state/pool-group.ts';
import type { DashboardView } from './dashboard-view.svelte.ts';
import type { EventLine } from './event-line.ts';
import { count, plural, roughDuration, wholeAge, windowText } from './format.ts';
import { type Gate, type GateState, gateOf } from './gate.ts';
import { type Lane, lanesOf, waitersOf } from './lane.ts';
import { drawerMessages } from './drawer-messages.ts';
import { messages } from './messages.ts';
import type { LimitText, PoolRow, Stretch } from './pool-row.svelte.ts';
import { linesAbout } from './subject-events.ts';
import { PRESSING_WAIT } from './verdict.ts';

/** Durations as a histogram shows them. */
export interface Durations {
  readonly histogram: Uint32Array;
  readonly samples: number;
  /** What stands there instead of bars when there are too few to tell; empty otherwise. */
  readonly tooFew: string;
  readonly label: string;
  /** From which duration on bars are pressure, in milliseconds. */
  readonly pressFromMs: number;
}

/** From how many durations on their shape says something. */
const LEAST_SAMPLES = 20;
/** How many clients in use are listed. */
const SHOWN_LANES = 24;

/** A pool, opened: who holds what, who is next, demand and times. */
export class PoolDrawer {
  readonly kind = 'pool';
  readonly name: string;
  readonly title: string;
  words: string = $state('');
  gate: GateState = $state('passing');
  gateTitle: string = $state('');
  gateText: string = $state('');
  held: string = $state('');
  lanes: readonly Lane[] = $state.raw([]);
  moreLanes: number = $state(0);
  waiters: readonly Lane[] = $state.raw([]);
  moreWaiters: number = $state(0);
  line: string = $state('');
  capacity: string = $state('');
  overflow: string = $state('');
  demandLabel: string = $state('');
  waited: Durations = $state.raw(nothingMeasured());
  heldFor: Durations = $state.raw(nothingMeasured());
  requests: LimitText = $state.raw({ text: '', share: undefined });
  tokens: LimitText = $state.raw({ text: '', share: undefined });
  events: readonly EventLine[] = $state.raw([]);
  json: string = $state('');

  /** What the painters read. */
  group: PoolGroup;
  /** Moves with each sample of the times, so that their painters draw again. */
  version = 0;

  readonly #view: DashboardView;
  readonly #row: PoolRow;

  constructor(view: DashboardView, row: PoolRow) {
    this.name = row.name;
    this.title = row.title;
    this.group = row.group;
    this.#view = view;
    this.#row = row;
  }

  /** Writes what changes often. */
  sampleText(): void {
    const { frame, channelOf } = this.#view;
    const { group, times } = this.#row;
    this.group = group;
    const { waiting, capacity } = group;
    const lanes = lanesOf(group, { frame, times, channelOf });
    this.lanes = lanes.slice(0, SHOWN_LANES);
    this.moreLanes = Math.max(0, lanes.length - SHOWN_LANES);
    this.waiters = waitersOf(group, { frame, channelOf });
    this.moreWaiters = waiting - this.waiters.length;
    this.line = drawerMessages.pool.line(waiting, group.oldestWaiter?.timeoutMs ?? this.#limitMs());
    this.capacity = plural(capacity, 'client');
    this.overflow = waiting > 0 ? `${count(waiting)} waiting` : '';
    this.demandLabel = this.#row.demandLabel;
    this.#sampleGate();
  }

  /** Writes what changes each second. */
  sampleSlow(): void {
    const { frame, stretch, feed } = this.#view;
    const row = this.#row;
    const { group } = row;
    const options = group.members[0]?.options;
    const minIdle = group.members.reduce((sum, pool) => sum + pool.options.minIdle, 0);
    this.words = drawerMessages.pool.words(group.capacity, minIdle, options?.acquireTimeoutMs ?? 0);
    this.held = Number.isFinite(row.times.p99) ? `p99 held ${roughDuration(row.times.p99)}` : '';
    const pressMs = PRESSING_WAIT * (this.#limitMs() ?? 30_000);
    this.waited = durationsOf(
      group.durations('waited', stretch.from, stretch.to),
      pressMs,
      'Time waited',
    );
    this.heldFor = durationsOf(
      group.durations('held', stretch.from, stretch.to),
      row.times.p99,
      'Time held',
    );
    this.requests = row.requests;
    this.tokens = row.tokens;
    const names = new Set(group.members.map((pool) => pool.name));
    this.events = linesAbout(
      feed.fold.notable.latest(frame.at, 500),
      (event) => 'pool' in event && names.has(event.pool ?? ''),
    );
    this.json = jsonOf(group, frame);
    this.version += 1;
  }

  #limitMs(): number | undefined {
    const limitMs = this.group.members[0]?.options.acquireTimeoutMs ?? 0;
    return limitMs > 0 ? limitMs : undefined;
  }

  #sampleGate(): void {
    const { frame, stretch } = this.#view;
    const gate = gateOf(this.group);
    this.gate = gate.state;
    this.gateTitle = `Gate is ${gate.state}`;
    const calls =
      gate.calls > 0 ? ` ${gate.failures} of ${plural(gate.calls, 'call')} failed.` : '';
    const probe =
      gate.probeAt === undefined ? '' : ` Probes in ${wholeAge(gate.probeAt - frame.at)}.`;
    this.gateText = {
      passing:
        gate.targets === 0
          ? 'This pool has no circuit.'
          : `Circuit closed.${someTripped(gate)}${callsText(this.group, stretch)}`,
      probing: 'Circuit half-open. One trial call is under way.',
      tripped: `Circuit open.${calls}${probe}`,
    }[gate.state];
  }
}

function someTripped({ tripped, targets }: Gate): string {
  return tripped === 0 ? '' : ` ${messages.pool.someTripped(tripped, targets)}.`;
}

/** How close the circuit is to tripping, as far as events tell: they do not tell its rule. */
function callsText(group: PoolGroup, { from, to }: Stretch): string {
  const calls = group.sum('calls', from, to);
  if (calls === 0) return '';
  const failed = group.sum('failedCalls', from, to);
  const window = windowText((to - from) * 1000);
  return ` ${count(failed)} of ${plural(calls, 'call')} failed in ${window}.`;
}

function durationsOf(histogram: Uint32Array, pressFromMs: number, what: string): Durations {
  const samples = samplesIn(histogram);
  const parts = [0.5, 0.95, 0.99].map(
    (share) => `p${share * 100} ${roughDuration(quantile(histogram, share))}`,
  );
  const tooFew = samples < LEAST_SAMPLES ? drawerMessages.pool.tooFew(samples, LEAST_SAMPLES) : '';
  const label = `${what}: ${tooFew === '' ? parts.join(', ') : tooFew}`;
  return { histogram, samples, tooFew, label, pressFromMs };
}

function nothingMeasured(): Durations {
  return {
    histogram: emptyHistogram(),
    samples: 0,
    tooFew: '',
    label: '',
    pressFromMs: Number.NaN,
  };
}

/** What is known of a pool as JSON. Prompts, keys and messages never come this far. */
function jsonOf({ members, targets }: PoolGroup, frame: Frame): string {
  const pools = members.map(({ name, status, options, slots, line }) => ({
    name,
    status,
    options,
    inUse: slots.count('inUse'),
    idle: slots.count('idle'),
    creating: slots.count('creating'),
    waiting: line.length,
  }));
  return JSON.stringify({ at: new Date(frame.at).toISOString(), pools, targets }, undefined, 2);
}
