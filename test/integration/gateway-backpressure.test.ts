import { describe, expect, it } from 'vitest';
import { anEcho, aRunningGateway, openSocket, ROOMY, until } from './a-gateway.ts';

describe('sockets that say more than the engine takes', () => {
  it('are not read meanwhile, and are answered all the same, each message once and in order', async () => {
    await using running = await aRunningGateway({
      model: anEcho(2, 2_000),
      gateway: { limits: { ...ROOMY.limits, maxWaiting: 10, maxPendingPerSession: 1_000 } },
      queue: { concurrency: 4, capacity: 4, overflow: 'block' },
    });
    const { gateway, model, server } = running;
    const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(server)));
    const ids = Array.from({ length: 40 }, (_, at) => `m${at}`);
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, gateway.stats().pending);
    }, 1);

    for (const { say } of sockets) {
      say({ type: 'resume' });
      for (const id of ids) say({ type: 'chat', id, message: id });
    }
    await until(() => most >= 10);
    await Promise.all(
      sockets.map((socket) => socket.until(({ type, id }) => type === 'response' && id === 'm39')),
    );
    clearInterval(watching);

    for (const { frames } of sockets) {
      const replies = frames.filter(({ type }) => type === 'response');
      expect(replies.map(({ id }) => id)).toEqual(ids);
    }
    expect(model.journal.asked).toBe(200);
    expect(most).toBeLessThanOrEqual(4 + 4 + 1 + 10); // at work, in its queue, in hand, in the gateway
    for (const { socket } of sockets) socket.close();
  });
});
