import {
  createMockServer,
  type MockServer,
  type Question,
  type Reply,
} from '@sluice/adapters/mock-server';
import { openai } from '@sluice/adapters/openai';
import type { Provider } from '@sluice/core';

/** The three providers of the demo, each a real HTTP server on this machine. */
export interface DemoProviders extends AsyncDisposable {
  /** Answers at once, has room for 8. */
  readonly swift: Provider;
  /** Thinks long, has room for 3. */
  readonly deep: Provider;
  /** Has room for 6 and fails every ninth question: failover hides it. */
  readonly shaky: Provider;
}

const PARAGRAPHS: readonly string[] = [
  'A sluice is a gate that lets water through in a measured way: raised, it flows; lowered, it waits behind the gate, and ' +
    'the level shows how much there is.',
  'Whoever asks a model stands in such a line. When all clients are in use the next caller waits, with a limit and with a ' +
    'way to leave; whoever has waited longest goes first.',
  'If a provider answers with errors its gate trips and callers go elsewhere. After a while one trial call probes it, and ' +
    'when that one comes back well the gate is raised again.',
  'A channel that loses its connection dials again, a little later each time. What was accepted before is still answered, ' +
    'each conversation in its own order.',
];

/** Starts the three servers and makes their providers. */
export async function startProviders(): Promise<DemoProviders> {
  const servers = [
    createMockServer({
      script: answer,
      physics: { firstTokenMs: 120, tokensPerSecond: 90, jitter: 0.3 },
      seed: 1,
    }),
    createMockServer({
      script: answer,
      physics: { firstTokenMs: 900, tokensPerSecond: 22, jitter: 0.4 },
      seed: 2,
    }),
    createMockServer({
      script: (question) => (question.number % 9 === 0 ? FAILURE : answer(question)),
      physics: { firstTokenMs: 220, tokensPerSecond: 55, jitter: 0.5 },
      seed: 3,
    }),
  ] as const;
  const [swift, deep, shaky] = await Promise.all([
    listening(servers[0], 'swift-1'),
    listening(servers[1], 'deep-1'),
    listening(servers[2], 'shaky-1'),
  ]);
  return {
    swift,
    deep,
    shaky,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

const FAILURE: Reply = {
  fault: { kind: 'status', status: 503, message: 'Too many people on the bridge' },
};

function answer(question: Question): Reply {
  const text = PARAGRAPHS[question.number % PARAGRAPHS.length] ?? '';
  const greeting = question.number % 2 === 0 ? 'Good question. ' : '';
  return { text: `${greeting}${text}` };
}

async function listening(server: MockServer, model: string): Promise<Provider> {
  const { url } = await server.listen();
  return openai({ baseUrl: url, model, apiKey: 'no-key-needed' });
}
