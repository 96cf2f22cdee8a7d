import type { DashboardHost } from './host.ts';

/** Light, dark, or as the system says. */
export type Theme = 'auto' | 'light' | 'dark';

/** The windows of time that can be chosen, in milliseconds. */
export const WINDOWS_MS: readonly number[] = [60_000, 300_000, 900_000];

/** What the reader chose. It is kept; data never is. */
export interface Preferences {
  readonly theme: Theme;
  readonly windowMs: number;
  /** How wide the drawer is beside the page, in pixels. */
  readonly drawerPx: number;
}

/** What holds until the reader chooses. */
export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'auto',
  windowMs: 300_000,
  drawerPx: 384,
};

/** Reads what the reader chose before. What cannot be understood counts as nothing. */
export function readPreferences(host: DashboardHost): Preferences {
  const text = host.readPreferences();
  if (text === undefined) return DEFAULT_PREFERENCES;
  try {
    return preferencesOf(JSON.parse(text));
  } catch {
    return DEFAULT_PREFERENCES;
  }
}

function preferencesOf(kept: unknown): Preferences {
  if (typeof kept !== 'object' || kept === null) return DEFAULT_PREFERENCES;
  const { theme, windowMs, drawerPx } = kept as Partial<Record<keyof Preferences, unknown>>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : DEFAULT_PREFERENCES.theme,
    windowMs: WINDOWS_MS.find((known) => known === windowMs) ?? DEFAULT_PREFERENCES.windowMs,
    drawerPx: drawerWidth(typeof drawerPx === 'number' ? drawerPx : Number.NaN),
  };
}

/** Keeps the width of the drawer between 320 and 560 pixels. */
export function drawerWidth(px: number): number {
  return Math.min(560, Math.max(320, Math.round(px) || DEFAULT_PREFERENCES.drawerPx));
}
