import { WINDOWS_MS } from './preferences.ts';

/** What a pointer has taken hold of on the tide line. */
export type TideGrip =
  /** The beginning of the window: pulling it makes the window wider or narrower. */
  | { readonly kind: 'edge' }
  /** The window: pulling it looks back. `aheadMs` is how far its end is ahead of the pointer. */
  | { readonly kind: 'window'; readonly aheadMs: number }
  /** The line outside: the window comes to the pointer. */
  | { readonly kind: 'line' };

/** Tells what is at a moment, when the window ends at `to`; all in epoch milliseconds, `nearMs` is how close is at. */
export function gripAt(
  at: number,
  window: { readonly to: number; readonly windowMs: number; readonly nearMs: number },
): TideGrip {
  const { to, windowMs, nearMs } = window;
  if (Math.abs(at - (to - windowMs)) <= nearMs) return { kind: 'edge' };
  const isInside = at > to - windowMs && at <= to + nearMs;
  return isInside ? { kind: 'window', aheadMs: to - at } : { kind: 'line' };
}

/** Finds the window that is nearest to a length in milliseconds, by ratio. */
export function nearestWindow(lengthMs: number): number {
  const distance = (windowMs: number): number =>
    Math.abs(Math.log(windowMs / Math.max(1, lengthMs)));
  return WINDOWS_MS.reduce((best, next) => (distance(next) < distance(best) ? next : best));
}
