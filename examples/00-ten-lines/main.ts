import { createMockServer } from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import { ClientPool } from '@sluice/core';

await using server = createMockServer(); // or a real one: openai({ apiKey, model })
const { url: baseUrl } = await server.listen();
const provider = openai({ baseUrl, apiKey: 'none', model: 'mock-1' });
await using clients = new ClientPool({ providers: { main: provider } });

for await (const chunk of clients.stream({ messages: [{ role: 'user', content: 'Hello?' }] })) {
  if (chunk.type === 'text') process.stdout.write(chunk.delta);
}
