// The custom element, for any framework or none. Importing it on a server does nothing.

import { defineDashboardElement } from './sluice-dashboard.ts';

export { mountDashboard, type MountedDashboard, type MountOptions } from './mount.ts';
export type { DashboardSource, SourceMessage, SourceStatus } from '../sources/source.ts';
export type { SluiceDashboardElement } from './element-type.ts';

defineDashboardElement();
