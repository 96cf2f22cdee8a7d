// A server that answers as scripted, faults included: what the contract is run against.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@sluice/core';
import type { ClientSubject, ScriptedReply } from '@sluice/core/testing';
import { acme } from './provider.ts';

/** What the contract wants to know of a server, and where it is. Disposing of it closes it. */
export interface Subject extends ClientSubject, AsyncDisposable {
  readonly baseUrl: string;
}

/** Starts a server. */
export async function aSubject(): Promise<Subject> {
  const script: ScriptedReply[] = [];
  const seen = { requests: 0, aborted: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    response.on('close', () => (seen.aborted += response.writableFinished ? 0 : 1));
    request.resume();
    void reply(response, script.shift() ?? {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    baseUrl,
    clock: systemClock,
    pass: (durationMs) => sleep(durationMs),
    makeClient: () => acme({ baseUrl }).createClient({ signal }),
    script: (...replies) => void script.push(...replies),
    requests: () => seen.requests,
    whenAborted: async (count) => {
      while (seen.aborted < count) await sleep(1);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const { signal } = new AbortController();

async function reply(response: ServerResponse, scripted: ScriptedReply): Promise<void> {
  const { pieces = ['Hello', ' there'], end = { kind: 'done' }, usage } = scripted;
  if (end.kind === 'hang') return;
  if (end.kind === 'status') {
    const { status, retryAfterMs } = end;
    if (retryAfterMs !== undefined) response.setHeader('retry-after', retryAfterMs / 1_000);
    response.writeHead(status).end();
    return;
  }
  const send = (line: object | string): Promise<void> =>
    new Promise((sent) => {
      response.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`, () => sent());
    });
  for (const say of pieces) await send({ say });
  if (end.kind === 'malformed') await send('{"say":');
  if (end.kind === 'error') await send({ error: 'out of order' });
  if (end.kind === 'reset') await sleep(20).then(() => response.socket?.destroy());
  const { input, output } = usage ?? { input: { total: 3 }, output: { total: 5 } };
  if (end.kind === 'done') await send({ end: 'stop', in: input.total, out: output.total });
  if (end.kind !== 'stall') response.end();
}
