/** What the dashboard needs of the world around it, so that tests move it by hand. */
export interface DashboardHost {
  /** Reads epoch milliseconds. */
  timestamp(): number;
  /** Runs `fn` once after a delay; returns a function that cancels. */
  after(delayMs: number, fn: () => void): () => void;
  /** Runs `fn` when the next picture is due; returns a function that cancels. */
  nextFrame(fn: () => void): () => void;
  /** Whether anybody can see the page. */
  isVisible(): boolean;
  /** Calls `fn` when that changes; returns a function that stops it. */
  onVisibilityChange(fn: () => void): () => void;
  /** Reads what the reader chose before; undefined when nothing is kept. */
  readPreferences(): string | undefined;
  /** Keeps what the reader chose. Never data. */
  writePreferences(text: string): void;
}
