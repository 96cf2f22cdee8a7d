import type { DashboardSource } from '../sources/source.ts';

/** `<sluice-dashboard>`: give it a `source`, and a height. */
export interface SluiceDashboardElement extends HTMLElement {
  /** Where the picture comes from. Setting another one shows that. */
  source: DashboardSource | undefined;
  /** `light`, `dark`, or `auto` as the system says. Attribute `theme`. */
  theme: string | undefined;
  /** Whether the rail and the tide line are left out. Attribute `compact`. */
  compact: boolean;
  /** Whether what is shown is kept in the fragment of the page's address. Attribute `hash`. */
  hash: boolean;
}
