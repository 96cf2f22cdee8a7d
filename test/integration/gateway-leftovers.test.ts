import { createGatewayClient } from '@sluice/adapters/gateway';
import { describe, expect, it } from 'vitest';
import { aRunningGateway, openSocket, until } from './a-gateway.ts';

describe('a gateway that was stopped', () => {
  it('leaves no socket, server or timer when all is stopped', async () => {
    const before = resources();
    const running = await aRunningGateway();
    const { engine, model, server } = running;
    await createGatewayClient({ url: server.url }).ask('hello');
    const socket = await openSocket(server);
    socket.say({ type: 'chat', message: 'hello' });
    await socket.until(({ type }) => type === 'response');

    await engine.stop();
    await server.close();
    expect(await socket.closed).toBe(1001);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    await model.close();

    await until(() => resources().length <= before.length);
    expect(resources()).toEqual(before);
  });
});

/** What keeps the process busy. In a file of its own: other tests' connections end in their own time. */
function resources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Server|Timeout/.test(name))
    .toSorted();
}
