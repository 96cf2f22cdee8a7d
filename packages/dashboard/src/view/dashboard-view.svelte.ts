import type { DashboardSource, SourceStatus } from '../sources/source.ts';
import type { Unsubscribable } from '../sources/subscribable.ts';
import { Feed } from '../state/feed.ts';
import type { Frame } from '../state/frame.ts';
import { groupPools, type PoolGroup } from '../state/pool-group.ts';
import { ChannelRow } from './channel-row.svelte.ts';
import { DrawerStack } from './drawer-stack.svelte.ts';
import { Figures } from './figures.svelte.ts';
import { gapWords } from './gap-words.ts';
import { HeaderText } from './header.svelte.ts';
import type { DashboardHost } from './host.ts';
import { Painting } from './painting.ts';
import { PoolRow, type Stretch } from './pool-row.svelte.ts';
import { drawerWidth, readPreferences, type Theme, WINDOWS_MS } from './preferences.ts';
import { type Due, type Pace, Sampler } from './sampler.ts';
import { type Finding, judge, type Subject } from './verdict.ts';
import { VerdictKeeper } from './verdict-keeper.ts';

/** Something that is sampled along with the picture while it is shown. */
export interface Sampled {
  /** Writes what changes often, up to four times a second. */
  sampleText?(): void;
  /** Writes what changes each second. */
  sampleSlow(): void;
}

/** Everything that a dashboard shows and everything that one can do to it; no markup, no DOM. */
export class DashboardView {
  /** The world around: time, frames, storage. */
  readonly host: DashboardHost;
  readonly feed: Feed = new Feed();
  readonly painting: Painting = new Painting();
  readonly stack: DrawerStack = new DrawerStack();
  readonly figures: Figures = new Figures();
  readonly header: HeaderText = new HeaderText();

  status: SourceStatus = $state.raw({ status: 'connecting' });
  hasSnapshot: boolean = $state(false);
  pools: readonly PoolRow[] = $state.raw([]);
  channels: readonly ChannelRow[] = $state.raw([]);
  findings: readonly Finding[] = $state.raw([]);
  theme: Theme = $state('auto');
  windowMs: number = $state(300_000);
  isPaused: boolean = $state(false);
  isHelpOpen: boolean = $state(false);
  /** Whether tables stand in place of pictures. */
  isTables: boolean = $state(false);
  /** How wide the drawer is beside the page, in pixels. */
  drawerPx: number = $state(0);

  readonly #sampler: Sampler;
  readonly #keeper: VerdictKeeper = new VerdictKeeper();
  #source: DashboardSource | undefined;
  #subscription: Unsubscribable | undefined;
  #lookBack: Frame | undefined;
  #foldedAtPause = 0;
  #groups: readonly PoolGroup[] = [];
  readonly #sampled: Set<Sampled> = new Set();
  #shape = -1;
  #shownFrame: Frame | undefined;
  #sampledVersion = -1;

  constructor(host: DashboardHost) {
    this.host = host;
    this.#sampler = new Sampler(host, (due) => this.#sample(due));
    Object.assign(this, readPreferences(host));
  }

  /** Shows a source until it is closed or another one is opened. */
  open(source: DashboardSource): void {
    this.close();
    this.#source = source;
    this.#subscription = source.subscribe((message) => {
      this.feed.receive(message, this.host.timestamp());
      if (message.type === 'status' || message.type === 'snapshot') this.#sampler.refresh();
      else this.#sampler.wake();
    });
    this.#sampler.start();
  }

  /** Lets go of the source and stops drawing. What was shown stays. */
  close(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#source = undefined;
    this.#sampler.stop();
  }

  /** What is shown: now, or the moment that is looked back at. */
  get frame(): Frame {
    return this.#lookBack ?? this.feed.fold;
  }

  /** The stretch of time that is shown. */
  get stretch(): Stretch {
    const to = Math.floor(this.frame.at / 1000);
    return { from: to - this.windowMs / 1000, to };
  }

  /** Draws again at once. */
  refresh(): void {
    this.#sampler.refresh();
  }

  /** Tries to connect at once. */
  retryNow(): void {
    this.#source?.retryNow?.();
  }

  /** Holds the picture still at this moment; what happens meanwhile is recorded. */
  pause(): void {
    if (this.#lookBack !== undefined || !this.hasSnapshot) return;
    this.#foldedAtPause = this.feed.fold.folded;
    this.#show(this.feed.frames.add(this.feed.fold));
  }

  /** Shows now again. */
  backToLive(): void {
    this.#keeper.clear();
    this.#show(undefined);
  }

  /** Pauses, or goes back to live. */
  togglePause(): void {
    if (this.#lookBack === undefined) this.pause();
    else this.backToLive();
  }

  /** Looks back at a moment, in epoch milliseconds; one in the last second is now. */
  lookAt(at: number): void {
    if (at >= this.feed.fold.at - 1_000) return this.backToLive();
    const frame = this.feed.frames.at(at);
    if (frame === undefined) return;
    if (this.#lookBack === undefined) this.#foldedAtPause = this.feed.fold.folded;
    this.#show(frame);
  }

  /** Moves the window by a share of its width. */
  move(share: number): void {
    this.lookAt(this.frame.at + share * this.windowMs);
  }

  /** Makes the window wider (1) or narrower (-1). */
  zoom(steps: number): void {
    const index = WINDOWS_MS.indexOf(this.windowMs) + steps;
    const windowMs = WINDOWS_MS[Math.min(Math.max(0, index), WINDOWS_MS.length - 1)];
    if (windowMs !== undefined) this.setWindow(windowMs);
  }

  /** Chooses the window of time, in milliseconds. */
  setWindow(windowMs: number): void {
    this.windowMs = windowMs;
    this.#keep();
    this.refresh();
  }

  /** Chooses the theme. */
  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#keep();
  }

  /** Makes the drawer as wide as is asked, between 320 and 560 pixels. */
  setDrawerWidth(px: number): void {
    this.drawerPx = drawerWidth(px);
    this.#keep();
  }

  /** Opens a pool or a channel in the drawer. */
  openDrawer(subject: Subject): void {
    this.stack.open(subject);
    this.refresh();
  }

  /** Goes back (-1) or forward (1) among what the drawer showed. */
  stepDrawer(direction: -1 | 1): void {
    if (direction < 0) this.stack.back();
    else this.stack.forward();
    this.refresh();
  }

  /** Closes the drawer. */
  closeDrawer(): void {
    this.stack.close();
  }

  /** Samples something along with the picture, such as an open drawer; returns a function that ends it. */
  addSampled(sampled: Sampled): () => void {
    this.#sampled.add(sampled);
    this.refresh();
    return () => void this.#sampled.delete(sampled);
  }

  /** Finds the row of a pool, as it stands at the shown moment. */
  poolRow(name: string): PoolRow | undefined {
    return this.pools.find((row) => row.name === name);
  }

  /** Finds the row of a channel, as it stands at the shown moment. */
  channelRow(name: string): ChannelRow | undefined {
    return this.channels.find((row) => row.name === name);
  }

  /** Tells by which channel a run came. */
  readonly channelOf = (label: string | undefined): string | undefined =>
    this.feed.fold.runChannels.of(label);

  #show(frame: Frame | undefined): void {
    this.#lookBack = frame;
    this.isPaused = frame !== undefined;
    this.refresh();
  }

  #keep(): void {
    const { theme, windowMs, drawerPx } = this;
    this.host.writePreferences(JSON.stringify({ theme, windowMs, drawerPx }));
  }

  #sample({ timestamp, text, slow }: Due): Pace {
    const { feed } = this;
    feed.tick(timestamp);
    this.status = feed.status;
    this.hasSnapshot = feed.hasSnapshot;
    if (text) this.#sampleHeader();
    if (feed.hasSnapshot) this.#samplePicture(timestamp, text, slow);
    return this.#pace();
  }

  #samplePicture(timestamp: number, text: boolean, slow: boolean): void {
    const moved = this.#regroup();
    if (slow || moved) this.#sampleSlow(timestamp);
    if (text || moved) this.#sampleText();
    this.painting.paint();
  }

  #pace(): Pace {
    const { feed } = this;
    const hasChanged = feed.version !== this.#sampledVersion;
    this.#sampledVersion = feed.version;
    if (hasChanged && this.#lookBack === undefined) return 'changed';
    if (!feed.isLive || this.#lookBack !== undefined) return 'still';
    return this.#groups.some((group) => group.inUse + group.waiting > 0) ? 'ageing' : 'still';
  }

  /** Rows stay the same objects while their pool or channel lives, so that nothing is built anew. */
  #regroup(): boolean {
    const { frame } = this;
    const isSame = frame === this.#shownFrame && this.#shape === this.feed.fold.shape;
    this.#groups = groupPools(frame);
    if (isSame) return false;
    this.#shownFrame = frame;
    this.#shape = this.feed.fold.shape;
    const pools = new Map(this.pools.map((row) => [row.name, row]));
    this.pools = this.#groups.map((group) => pools.get(group.name) ?? new PoolRow(group));
    const channels = new Map(this.channels.map((row) => [row.name, row]));
    this.channels = [...frame.channels.values()].map(
      (channel) => channels.get(channel.name) ?? new ChannelRow(channel),
    );
    return true;
  }

  #sampleText(): void {
    const { frame, stretch } = this;
    this.figures.sampleText(this.#groups);
    this.#groups.forEach((group, index) => {
      const row = this.pools[index];
      if (row?.isOnScreen === true) row.sampleText(group, frame, stretch);
    });
    for (const sampled of this.#sampled) sampled.sampleText?.();
  }

  #sampleSlow(timestamp: number): void {
    const { frame, stretch } = this;
    this.#groups.forEach((group, index) => this.pools[index]?.sampleSlow(group, frame, stretch));
    const gaps = gapWords(this.feed.fold.gaps.all, frame.at - this.windowMs, frame.at);
    for (const row of this.channels) {
      const channel = frame.channels.get(row.name);
      if (channel !== undefined) row.sample(channel, frame, { ...stretch, gaps });
    }
    this.figures.sampleSlow(this.#groups, frame, stretch);
    this.#judge(timestamp);
    for (const sampled of this.#sampled) sampled.sampleSlow();
  }

  #judge(timestamp: number): void {
    const { frame, feed } = this;
    const rows = new Map(this.pools.map((row) => [row.name, row]));
    const findings = judge({
      frame,
      groups: this.#groups,
      timesOf: (group) => rows.get(group.name)?.times ?? { p95: Number.NaN, p99: Number.NaN },
      channelOf: this.channelOf,
      lost:
        feed.status.status === 'lost' ? { since: feed.status.since, now: timestamp } : undefined,
    });
    const isNow = this.#lookBack === undefined;
    this.findings = isNow ? this.#keeper.keep(findings, timestamp) : findings;
  }

  #sampleHeader(): void {
    const back = this.#lookBack;
    const missed = this.feed.fold.folded - this.#foldedAtPause;
    this.header.sample(this.feed, back && { at: back.at, missed });
  }
}
