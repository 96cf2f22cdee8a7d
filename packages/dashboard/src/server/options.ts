import type { ObservableEngine } from '../sources/local.ts';

/** Who may look. The token is the whole key: whoever has it reads states and redacted events, and nothing else. */
export interface DashboardAuth {
  /** At least 32 characters; make it with 256 bits of chance. */
  readonly token: string;
}

/** How a dashboard is served. */
export interface DashboardHandlerOptions {
  /** Without it nothing is served: a dashboard must not be open because somebody forgot to close it. */
  readonly auth: DashboardAuth;
  /** Where the handler is mounted, such as `/sluice`. Default: the root. */
  readonly basePath?: string | undefined;
  /** Hosts beside the loopback ones, with their port unless it is the scheme's. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Default: the runtime's own. */
  readonly time?: ServerTime | undefined;
}

/** Time, injected so that tests move it by hand. A `Clock` of core fits. */
export interface ServerTime {
  /** Monotonic milliseconds. */
  now(): number;
  /** Epoch milliseconds. */
  timestamp(): number;
  /** Runs `fn` once after a delay; returns a function that cancels. */
  after(delayMs: number, fn: () => void, options?: { readonly unref?: boolean }): () => void;
}

/** What a handler works with. */
export interface ResolvedHandlerOptions {
  readonly token: string;
  readonly basePath: string;
  readonly allowedHosts: readonly string[];
  readonly time: ServerTime;
}

/** An engine that can be watched. */
export type WatchedEngine = ObservableEngine;

/** What a server bears. Sizes in bytes, times in milliseconds. */
export const LIMITS = {
  /** Streams in all. */
  streams: 32,
  /** Streams of one session. */
  streamsPerSession: 4,
  /** Sessions remembered; beyond it the oldest must show the token again. */
  sessions: 64,
  /** Events remembered, for streams that resume. */
  ring: 10_000,
  /** How long an event waits for others to share its frame. */
  frameMs: 50,
  /** Events in one frame at the most: about 64 KB. */
  eventsPerFrame: 400,
  /** Unsent bytes at which a reader gets no more until it has caught up. */
  unsentBytes: 1_048_576,
  /** How long a reader may be behind before it is cut off. */
  stalledMs: 30_000,
  /** How often a comment shows that a quiet stream lives. */
  heartbeatMs: 15_000,
  /** Wrong tokens a minute from one address. */
  wrongTokens: 10,
  /** The longest body of a request, in characters. */
  bodyBytes: 65_536,
} as const;

const MIN_TOKEN_LENGTH = 32;

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} when there is no token, or a short one.
 */
export function resolveHandlerOptions(options: DashboardHandlerOptions): ResolvedHandlerOptions {
  const token = (options as Partial<DashboardHandlerOptions> | undefined)?.auth?.token;
  if (typeof token !== 'string' || token.length < MIN_TOKEN_LENGTH) {
    throw new TypeError(
      `A dashboard needs auth: { token } of at least ${MIN_TOKEN_LENGTH} characters`,
    );
  }
  const basePath = (options.basePath ?? '').replace(/\/$/, '');
  if (basePath !== '' && !/^(?:\/[\w-]+)+$/.test(basePath)) {
    throw new TypeError(`basePath must look like /sluice, not "${basePath}"`);
  }
  return {
    token,
    basePath,
    allowedHosts: (options.allowedHosts ?? []).map((host) => host.toLowerCase()),
    time: options.time ?? SYSTEM_TIME,
  };
}

const SYSTEM_TIME: ServerTime = {
  now: () => performance.now(),
  timestamp: () => Date.now(),
  after(delayMs, fn, options) {
    const timer: unknown = setTimeout(fn, delayMs);
    if (
      options?.unref === true &&
      typeof timer === 'object' &&
      timer !== null &&
      'unref' in timer
    ) {
      (timer as { unref(): void }).unref(); // only Node's timers hold their process
    }
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};
