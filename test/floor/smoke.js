// Runs on the oldest Node that is promised, against the packed packages: pools a client and streams an answer.
import { createServer } from 'node:http';
import { ClientPool } from '@sluice/core';
import { Pool } from '@sluice/core/pool';
import { openai } from '@sluice/adapters/openai';

const answer = [
  'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"hello"}}]}',
  '',
]
  .concat([
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '',
    'data: [DONE]',
    '',
    '',
  ])
  .join('\n');

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(answer);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();

const anything = new Pool({ name: 'anything', create: async () => ({ n: 1 }) });
const n = await anything.use(async (resource) => resource.n);
await anything.close();

const provider = openai({ apiKey: 'test', model: 'test', baseUrl: `http://127.0.0.1:${port}/v1` });
const clients = new ClientPool({ defaults: { minIdle: 0 }, providers: { openai: provider } });
const completion = await clients.complete({ messages: [{ role: 'user', content: 'hi' }] });
const { inUse } = clients.stats().openai;
await clients.close();
server.close();

process.stdout.write(
  `${JSON.stringify({ node: process.versions.node, n, text: completion.text, inUse })}\n`,
);
