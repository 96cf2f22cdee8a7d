import type { DashboardHost } from '../view/host.ts';

/** The one key under which choices are kept. */
const STORED = 'sluice-dashboard';

/** The browser's own time, frames and storage. */
export function browserHost(): DashboardHost {
  return {
    timestamp: () => Date.now(),
    after(delayMs, fn) {
      const timer = setTimeout(fn, delayMs);
      return () => clearTimeout(timer);
    },
    nextFrame(fn) {
      const frame = requestAnimationFrame(fn);
      return () => cancelAnimationFrame(frame);
    },
    isVisible: () => document.visibilityState === 'visible',
    onVisibilityChange(fn) {
      document.addEventListener('visibilitychange', fn);
      return () => document.removeEventListener('visibilitychange', fn);
    },
    readPreferences: () => quietly(() => localStorage.getItem(STORED) ?? undefined),
    writePreferences: (text) => quietly(() => localStorage.setItem(STORED, text)),
  };
}

/** Storage may be forbidden, or full: then choices last as long as the page. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
