import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import type { FoldedHistory } from '../state/history.ts';
import {
  CODEC_MAJOR,
  type DashboardSource,
  isReadable,
  type SourceMessage,
  type SourceStatus,
} from './source.ts';
import type { Unsubscribable } from './subscribable.ts';

/** The part of the web's EventSource that is used. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: EventStreamMessage) => void): void;
  close(): void;
}

/** What an EventSource hands to its listeners. */
export interface EventStreamMessage {
  readonly data?: unknown;
}

/** How to reach a server's feed, and what of the outside world to use. */
export interface SseSourceOptions {
  readonly url: string;
  /** Opens a stream; it resumes by `Last-Event-ID` on its own. Default: the browser's EventSource, with cookies. */
  readonly open?: ((url: string) => EventStream) | undefined;
  /** Reads epoch milliseconds. Default: the browser's clock. */
  readonly timestamp?: (() => number) | undefined;
  /** Runs `fn` once after a delay; returns a function that cancels. Default: the browser's timer. */
  readonly after?: ((delayMs: number, fn: () => void) => () => void) | undefined;
  /** Asks whether the server wants a token: true when it answers 401 or 403. Default: one `fetch` of the address. */
  readonly isRefused?: ((url: string) => Promise<boolean>) | undefined;
}

/** How long until the next try after the n-th failure in a row, in milliseconds. */
const RETRY_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000];

/** `readyState` of an EventSource that gave up. One that is still trying has 0. */
const CLOSED = 2;

/**
 * Shows an engine behind a server. The frames are `snapshot` (`{ snapshot, history }`), `events` (an array, with the id
 * `epoch.seq`) and `gap` (`{ lost }`). A stream that broke is resumed where it stood; a server that cannot resume, since
 * it is another process or remembers less, sends a snapshot, and the dashboard shows the gap.
 */
export function sseSource(options: SseSourceOptions): DashboardSource {
  const feeds = new Set<SseFeed>();
  return {
    subscribe(next) {
      const feed = new SseFeed(resolveSseSourceOptions(options), next);
      feeds.add(feed);
      feed.connect();
      return {
        unsubscribe() {
          feeds.delete(feed);
          feed.unsubscribe();
        },
      };
    },
    retryNow: () => feeds.forEach((feed) => feed.retryNow()),
  };
}

type ResolvedSseSourceOptions = {
  readonly [Name in keyof SseSourceOptions]-?: NonNullable<SseSourceOptions[Name]>;
};

function resolveSseSourceOptions(options: SseSourceOptions): ResolvedSseSourceOptions {
  return {
    url: options.url,
    open: options.open ?? ((url) => new EventSource(url, { withCredentials: true })),
    timestamp: options.timestamp ?? (() => Date.now()),
    after: options.after ?? afterInBrowser,
    isRefused: options.isRefused ?? isRefusedByServer,
  };
}

/** What the server sends first. */
interface SnapshotFrame {
  readonly snapshot: EngineSnapshot;
  readonly history?: FoldedHistory;
}

class SseFeed implements Unsubscribable {
  readonly #options: ResolvedSseSourceOptions;
  readonly #next: (message: SourceMessage) => void;
  #stream: EventStream | undefined;
  #cancelRetry: (() => void) | undefined;
  #failures = 0;
  #lostAt: number | undefined;
  #epoch = '';
  #isOver = false;
  #told: SourceStatus['status'] | undefined;

  constructor(options: ResolvedSseSourceOptions, next: (message: SourceMessage) => void) {
    this.#options = options;
    this.#next = next;
  }

  connect(): void {
    if (this.#lostAt === undefined) {
      this.#tell({ status: 'connecting', address: this.#options.url });
    }
    const stream = this.#options.open(this.#options.url);
    this.#stream = stream;
    const listen = (type: string, handle: (data: unknown) => void): void =>
      stream.addEventListener(type, (event) => {
        if (this.#stream === stream) handle(event.data);
      });
    listen('snapshot', (data) => this.#receiveSnapshot(data));
    listen('events', (data) => this.#receiveEvents(data));
    listen('gap', (data) => this.#receiveGap(data));
    listen('error', () => this.#fail(stream));
  }

  retryNow(): void {
    if (this.#lostAt === undefined || this.#isOver) return;
    this.#close();
    this.connect();
  }

  unsubscribe(): void {
    this.#isOver = true;
    this.#close();
  }

  #receiveSnapshot(data: unknown): void {
    const frame = parse(data) as SnapshotFrame | undefined; // our own server's
    if (frame === undefined) return;
    const { snapshot, history } = frame;
    if (!isReadable(snapshot.codec)) {
      this.unsubscribe();
      return this.#tell({ status: 'mismatch', ours: CODEC_MAJOR, theirs: snapshot.codec });
    }
    if (this.#epoch !== '' && this.#epoch !== snapshot.epoch) this.#next({ type: 'gap' });
    this.#epoch = snapshot.epoch;
    this.#next({ type: 'snapshot', snapshot, history });
    this.#live();
  }

  #receiveEvents(data: unknown): void {
    const events = parse(data) as readonly SluiceEvent[] | undefined;
    if (events === undefined) return;
    this.#live();
    this.#next({ type: 'events', events });
  }

  #receiveGap(data: unknown): void {
    this.#next({
      type: 'gap',
      lost: (parse(data) as { readonly lost?: number } | undefined)?.lost,
    });
  }

  #live(): void {
    if (this.#failures === 0 && this.#lostAt === undefined && this.#told === 'live') return;
    this.#failures = 0;
    this.#lostAt = undefined;
    this.#tell({ status: 'live', address: this.#options.url });
  }

  /** An EventSource retries on its own after a cut, but gives up for good after an HTTP error: then we retry. */
  #fail(stream: EventStream): void {
    if (this.#isOver) return;
    const since = (this.#lostAt ??= this.#options.timestamp());
    if (stream.readyState !== CLOSED) return this.#tell({ status: 'lost', since });
    this.#close();
    void this.#retryLater(since); // it catches all that may fail
  }

  async #retryLater(since: number): Promise<void> {
    const { url, isRefused } = this.#options;
    const refused = await isRefused(url).catch(() => false);
    if (this.#isOver || this.#stream !== undefined) return;
    if (refused) return this.#tell({ status: 'refused', address: url });
    const delayMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 15_000;
    this.#failures += 1;
    this.#tell({ status: 'lost', since, retryAt: this.#options.timestamp() + delayMs });
    this.#cancelRetry = this.#options.after(delayMs, () => this.connect());
  }

  #close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#stream?.close();
    this.#stream = undefined;
  }

  #tell(status: SourceStatus): void {
    this.#told = status.status;
    this.#next({ type: 'status', status });
  }
}

/** What cannot be parsed is not shown: the next snapshot will tell. */
function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function afterInBrowser(delayMs: number, fn: () => void): () => void {
  const timer = setTimeout(fn, delayMs);
  return () => clearTimeout(timer);
}

async function isRefusedByServer(url: string): Promise<boolean> {
  const aborter = new AbortController();
  const { status } = await fetch(url, { credentials: 'include', signal: aborter.signal });
  aborter.abort();
  return status === 401 || status === 403;
}
