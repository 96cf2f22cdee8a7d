import { openai } from '@sluice/adapters/openai';
import { createMockServer } from '@sluice/adapters/mock-server';
import { type Journal, llm, type Reply, type Script } from '@sluice/adapters/msw';
import {
  clientContract,
  type ClientSubject,
  pooledClientContract,
  type ScriptedEnd,
  type ScriptedReply,
  VirtualClock,
} from '@sluice/core/testing';
import { afterEach, describe, it } from 'vitest';
import { mockNetwork } from '../support/mock-network.ts';

const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

describe.each([
  ['MSW', overMsw],
  ['a mock server', overMockServer],
])('an OpenAI client over %s', (_, makeSubject) => {
  it.each([...clientContract, ...pooledClientContract])('$name', async (contract) => {
    await contract.check(await makeSubject());
  });
});

function overMsw(): ClientSubject {
  const clock = new VirtualClock();
  const mock = llm.openai([], { clock });
  const network = mockNetwork(mock);
  cleanups.push(() => network.close());
  return aSubject({ ...mock, clock, baseUrl: undefined });
}

async function overMockServer(): Promise<ClientSubject> {
  const clock = new VirtualClock();
  const server = createMockServer({ script: [], clock });
  const { url } = await server.listen();
  cleanups.push(() => server.close());
  return aSubject({ journal: server.journal, script: server.script, clock, baseUrl: url });
}

interface Upstream {
  readonly journal: Journal;
  readonly script: Script;
  readonly clock: VirtualClock;
  readonly baseUrl: string | undefined;
}

function aSubject({ journal, script, clock, baseUrl }: Upstream): ClientSubject {
  const provider = openai({ apiKey: 'sk-test-0123456789abcdef', model: 'gpt-x', baseUrl, clock });
  return {
    clock,
    pass: async (durationMs) => {
      await clock.advance(durationMs);
      for (let turn = 0; turn < 10; turn += 1) await new Promise((done) => setImmediate(done));
    },
    makeClient: () => provider.createClient({ signal: new AbortController().signal }),
    script: (...replies) => script.add(...replies.map(replyOf)),
    requests: () => journal.asked,
    whenAborted: (count) => journal.whenAborted(count),
  };
}

function replyOf({
  pieces = ['Hello', ' there'],
  toolCalls,
  end,
  usage,
  finish,
}: ScriptedReply): Reply {
  return {
    text: pieces,
    toolCalls: toolCalls?.map(({ id, name, input }) => ({
      id,
      name,
      input: JSON.stringify(input),
    })),
    fault: faultOf(end),
    usage,
    finish,
  };
}

function faultOf(end: ScriptedEnd | undefined): Reply['fault'] {
  return end === undefined || end.kind === 'done' ? undefined : end;
}
