import { createContext } from 'svelte';
import type { DashboardView } from '../view/dashboard-view.svelte.ts';
import type { Palette } from './palette.ts';

/** What every part of one dashboard shares. */
export interface DashboardContext {
  readonly view: DashboardView;
  /** The colours as they are now. */
  readonly palette: () => Palette;
}

/** Hands the shared things down, and takes them up again. Two dashboards in one page never meet. */
export const [getDashboard, setDashboard]: ReturnType<typeof createContext<DashboardContext>> =
  createContext<DashboardContext>();
