// Measures what is promised beside throughput, in a process of its own. Answers with one JSON line.
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from '@sluice/adapters/anthropic';
import { openai } from '@sluice/adapters/openai';
import { ClientPool, type Client, userMessage } from '@sluice/core';
import { inMemory } from './streams.ts';
import { clientOf } from './subjects.ts';

const REQUEST = { messages: [userMessage('Hi')] };
const CALLS = 10_000;
const SAMPLES = 400;
const KIB = 1_024;

const first = await firstDeltaMs();
const figures = {
  bareFirstMs: first.bare,
  sluiceFirstMs: first.sluice,
  chat256Ms: await argumentsMs('openai', 256),
  chat512Ms: await argumentsMs('openai', 512),
  responses256Ms: await argumentsMs('responses', 256),
  anthropic256Ms: await argumentsMs('anthropic', 256),
  listeners: await listenersLeft(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

/** Medians of the time from asking to the first text, over a loopback socket that is kept alive. */
async function firstDeltaMs(): Promise<{ readonly bare: number; readonly sluice: number }> {
  const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hi' } }] })}\n\n`;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event);
      setImmediate(() => response.end('data: [DONE]\n\n'));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const provider = openai({ baseUrl, model: 'm' });
  const client = await provider.createClient({ signal: new AbortController().signal });
  const bare: number[] = [];
  const sluice: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    bare.push(await timed((arrived) => readBareText(`${baseUrl}/chat/completions`, arrived)));
    sluice.push(await timed((arrived) => readText(client, arrived)));
  }
  server.close();
  return { bare: median(bare), sluice: median(sluice) };
}

async function timed(read: (arrived: () => void) => Promise<void>): Promise<number> {
  const start = performance.now();
  let at = Number.NaN;
  await read(() => {
    if (Number.isNaN(at)) at = performance.now();
  });
  return at - start;
}

async function readBareText(url: string, arrived: () => void): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: '{}' });
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    const line = decoder.decode(bytes, { stream: true }).split('\n')[0] ?? '';
    if (line.startsWith('data: {')) {
      JSON.parse(line.slice(6));
      arrived();
    }
  }
}

async function readText(client: Client, arrived: () => void): Promise<void> {
  const context = { signal: new AbortController().signal };
  for await (const { type } of client.stream(REQUEST, context)) if (type === 'text') arrived();
}

/** The best of several, in milliseconds of wall time: so many KiB of arguments in pieces of 16 bytes. */
async function argumentsMs(
  family: 'openai' | 'responses' | 'anthropic',
  kib: number,
): Promise<number> {
  const input = { text: 'x'.repeat(kib * KIB) };
  const toolCalls = [{ name: 'write', input, pieceLength: 16 }];
  const client = await clientOf(family, inMemory(family, { text: '', toolCalls }).fetch);
  let best = Infinity;
  for (let run = 0; run < 7; run += 1) {
    const start = performance.now();
    let length = 0;
    for await (const chunk of client.stream(REQUEST, { signal: new AbortController().signal })) {
      if (chunk.type === 'tool') length = (chunk.call.input as typeof input).text.length;
    }
    if (length !== kib * KIB) throw new Error(`${length} characters of ${kib} KiB came`);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** How many listeners are left on one signal that thousands of calls shared, half of them through a pool. */
async function listenersLeft(): Promise<number> {
  const { signal } = new AbortController();
  const body = inMemory('anthropic', { text: ['Hi'] });
  const provider = anthropic({ apiKey: 'k', model: 'm', fetch: body.fetch });
  const client = await provider.createClient({ signal: new AbortController().signal });
  await using pool = new ClientPool({ providers: { main: { provider } } });
  for (let call = 0; call < CALLS / 2; call += 1) {
    for await (const chunk of client.stream(REQUEST, { signal })) void chunk;
    await pool.complete(REQUEST, { signal });
  }
  return getEventListeners(signal, 'abort').length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
