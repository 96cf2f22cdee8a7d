import { ClientPool, createSluice } from '@sluice/core';
import { ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { serveDashboard } from '@sluice/dashboard/server/node';
import { expect, it } from 'vitest';

it('carries a token of any characters', async () => {
  const token = 'aB3+dE6/gH9+jK2/mN5&pQ8#sT1%vW4/yZ7=';
  const provider = new ScriptedProvider({ clock: new VirtualClock() });
  const clients = new ClientPool({ providers: { main: provider } });
  const agents = [{ name: 'atlas', instructions: '' }];
  await using engine = createSluice({ clients, channels: [], agents });
  await using dashboard = await serveDashboard(engine, { token, print: () => undefined });

  const read = new URLSearchParams(new URL(dashboard.link).hash.slice(1)).get('t'); // as the page does

  expect(read).toBe(token);
});
