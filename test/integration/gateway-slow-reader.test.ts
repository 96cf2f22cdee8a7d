import { connect } from 'node:net';
import { createMockServer } from '@sluice/adapters/mock-server';
import { describe, expect, it } from 'vitest';
import { aRunningGateway, until } from './a-gateway.ts';

describe('a reader who does not read', () => {
  it('is cut off at the bound, and the model is told to stop', async () => {
    // More than the buffers of both sockets hold, at 1 kB a piece.
    const text = Array.from({ length: 20_000 }, () => 'x'.repeat(1_000));
    const model = createMockServer({ script: { text } });
    await using running = await aRunningGateway({
      model,
      gateway: { limits: { maxUnsentBytes: 65_536 } },
      serve: { maxConnectionsPerAddress: 1 },
    });
    const { gateway, server } = running;
    const body = '{"message":"tell me all"}';
    const socket = connect(server.port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined); // a reset is how it is cut

    socket.write(
      `POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\naccept: text/event-stream\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await model.journal.whenAborted(1);

    await until(() => gateway.stats().pending === 0);
    await letIn(server.url); // while it still does not read: the server did not wait for that
    socket.destroy();
    expect(model.journal.open).toBe(0);
  });
});

/** Resolves once the only connection that the server bears is free again. */
async function letIn(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
