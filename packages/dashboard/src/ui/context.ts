import { createContext } from 'svelte';
import type { DashboardView } from '../view/dashboard-view.svelte.ts';
import type { LaterParts } from './later-parts.svelte.ts';
import type { Palette } from './palette.ts';

/** What every part of one dashboard shares. */
export interface DashboardContext {
  readonly view: DashboardView;
  /** What is loaded after the first picture. */
  readonly later: LaterParts;
  /** The colours as they are now. */
  readonly palette: () => Palette;
}

/** Hands the shared things down, and takes them up again. Two dashboards in one page never meet. */
export const [getDashboard, setDashboard]: ReturnType<typeof createContext<DashboardContext>> =
  createContext<DashboardContext>();
