import { VirtualClock } from '@sluice/core/testing';
import type { DashboardHost } from '../../packages/dashboard/src/view/host.ts';

/** A dashboard's world, moved by hand: frames come at once, and the page is seen or not as told. */
export class TestHost implements DashboardHost {
  readonly clock: VirtualClock;
  preferences: string | undefined;
  #isVisible = true;
  readonly #listeners = new Set<() => void>();

  constructor(epochMs: number) {
    this.clock = new VirtualClock(epochMs);
  }

  timestamp(): number {
    return this.clock.timestamp();
  }

  after(delayMs: number, fn: () => void): () => void {
    return this.clock.after(delayMs, fn);
  }

  nextFrame(fn: () => void): () => void {
    return this.clock.after(0, fn);
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  onVisibilityChange(fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  readPreferences(): string | undefined {
    return this.preferences;
  }

  writePreferences(text: string): void {
    this.preferences = text;
  }

  /** Shows or hides the page. */
  show(isVisible: boolean): void {
    this.#isVisible = isVisible;
    for (const listener of this.#listeners) listener();
  }
}
