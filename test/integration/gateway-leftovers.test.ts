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
    await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed');
    await model.close();

    await until(() => addedTo(before).length === 0);
    expect(addedTo(before)).toEqual([]);
  });
});

/** What keeps the process busy. In a file of its own: other tests' connections end in their own time. */
function resources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name));
}

/** What keeps it busy beyond what did before; the test runner's own timers come and go. */
function addedTo(before: readonly string[]): readonly string[] {
  const rest = [...before];
  return resources().filter((name) => {
    const at = rest.indexOf(name);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}
