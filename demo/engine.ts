import { createGateway, type Gateway } from '@sluice/adapters/gateway';
import { ClientPool, createSluice, type Engine } from '@sluice/core';
import { startProviders } from './providers.ts';

/** The engine of the demo with its gateway, not yet started. */
export interface DemoEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly gateway: Gateway;
}

/**
 * Wires three pools, a gateway and two agents: `guide` asks the shaky provider first and falls back to the swift one,
 * `scholar` asks the slow one. Mention `@scholar` to speak with it.
 */
export async function createDemoEngine(): Promise<DemoEngine> {
  const providers = await startProviders();
  const clients = new ClientPool({
    defaults: { acquireTimeoutMs: 30_000 },
    providers: {
      shaky: { provider: providers.shaky, maxSize: 6 },
      swift: { provider: providers.swift, maxSize: 8 },
      deep: { provider: providers.deep, maxSize: 3, minIdle: 1 },
    },
  });
  const gateway = createGateway({
    limits: { messagesPerSecond: 1_000, burst: 1_000 }, // the load of the demo comes from one address
  });
  const engine = createSluice({
    name: 'sluice-demo',
    environment: 'demo',
    restartDeadlineMs: 60_000, // the line of the slow provider is long
    clients,
    channels: [{ id: 'web', channel: gateway.channel }],
    agents: [
      { name: 'guide', instructions: 'You explain in few words.' },
      { name: 'scholar', instructions: 'You explain at length.', provider: 'deep' },
    ],
    routes: { rules: [{ kind: 'mention', agent: 'scholar' }], fallback: 'guide' },
    grant: ['channel.restart', 'fault.add', 'fault.remove'],
  });
  return {
    engine,
    gateway,
    async [Symbol.asyncDispose](): Promise<void> {
      await engine.stop();
      await providers[Symbol.asyncDispose]();
    },
  };
}
