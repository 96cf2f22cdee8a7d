// A gateway over node:http and ws.

export type { ServeGatewayOptions } from './options.ts';
export { type GatewayServer, serveGateway } from './server.ts';
