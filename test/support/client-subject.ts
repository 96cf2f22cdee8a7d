import { createMockServer } from '@sluice/adapters/mock-server';
import type { Journal, LlmMock, MockOptions, Reply, Script } from '@sluice/adapters/msw';
import type { Clock, Provider } from '@sluice/core';
import {
  clientContract,
  type ClientSubject,
  pooledClientContract,
  type ScriptedEnd,
  type ScriptedReply,
  VirtualClock,
} from '@sluice/core/testing';
import { afterEach, describe, it } from 'vitest';
import { mockNetwork } from './mock-network.ts';

/** What a family needs for its contract suite. */
export interface ContractedFamily {
  /** As the dialect is called, in `llm` and among the mock server's `urls`. */
  readonly dialect: string;
  /** Makes the provider under test. `baseUrl` is missing where the provider's own is mocked. */
  readonly makeProvider: (options: {
    readonly baseUrl: string | undefined;
    readonly clock: Clock;
  }) => Provider;
  readonly mock: (source: readonly Reply[], options: MockOptions) => LlmMock;
}

/** Runs the contract suite of clients, and that of clients in a pool, over MSW and over a mock server. */
export function describeClientContract(family: ContractedFamily): void {
  const cleanups: (() => void | Promise<void>)[] = [];

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  const overMsw = (): ClientSubject => {
    const clock = new VirtualClock();
    const mock = family.mock([], { clock });
    const network = mockNetwork(mock);
    cleanups.push(() => network.close());
    return aSubject(family, { ...mock, clock, baseUrl: undefined });
  };
  const overMockServer = async (): Promise<ClientSubject> => {
    const clock = new VirtualClock();
    const server = createMockServer({ script: [], clock });
    const { urls } = await server.listen();
    cleanups.push(() => server.close());
    const { journal, script } = server;
    return aSubject(family, { journal, script, clock, baseUrl: urls[family.dialect] });
  };

  describe.each([
    ['MSW', overMsw],
    ['a mock server', overMockServer],
  ])(`a client of ${family.dialect} over %s`, (_, makeSubject) => {
    it.each([...clientContract, ...pooledClientContract])('$name', async (contract) => {
      await contract.check(await makeSubject());
    });
  });
}

interface Scripted {
  readonly journal: Journal;
  readonly script: Script;
  readonly clock: VirtualClock;
  readonly baseUrl: string | undefined;
}

function aSubject(
  { makeProvider }: ContractedFamily,
  { journal, script, clock, baseUrl }: Scripted,
): ClientSubject {
  const provider = makeProvider({ baseUrl, clock });
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
