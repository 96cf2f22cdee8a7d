import { createGateway } from '@sluice/adapters/gateway';
import { ClientPool, createSluice, MemorySessionStore } from '@sluice/core';
import { ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';

it('a conversation that was deleted does not come back with the reply under way', async () => {
  const clock = new VirtualClock();
  const store = new MemorySessionStore();
  const provider = new ScriptedProvider({ clock, reply: { pieces: ['hi'], headersMs: 5_000 } });
  const clients = new ClientPool({ providers: { main: provider }, clock });
  const gateway = createGateway({ clock, history: store });
  const engine = createSluice({
    clients,
    clock,
    store,
    agents: [{ name: 'a', instructions: 'x' }],
    routes: { rules: [], fallback: 'a' },
    channels: [{ id: 'web', channel: gateway.channel }],
  });
  await engine.start();
  await clock.settle();
  const headers = { 'content-type': 'application/json', prefer: 'respond-async' };
  const body = '{"message":"my secret"}';
  const chat = new Request('http://localhost/api/chat', { method: 'POST', headers, body });
  const { session } = (await (await gateway.handle(chat)).json()) as { session: string };
  await clock.advance(100);
  const url = `http://localhost/api/sessions/${session}`;
  const { status } = await gateway.handle(new Request(url, { method: 'DELETE' }));
  await clock.advance(10_000);

  expect(status).toBe(204);
  expect((await store.load(['gateway', session])).messages).toEqual([]);
  await engine.stop();
});
