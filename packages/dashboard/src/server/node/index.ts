// The dashboard's server over node:http.

export { type DashboardServer, serveDashboard, type ServeDashboardOptions } from './server.ts';
