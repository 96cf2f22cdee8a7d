import { describe, expect, it } from 'vitest';
import { messageId, runId } from '../../../packages/core/src/base/id.ts';
import type { RunEvent } from '../../../packages/core/src/events/run-event.ts';
import type { InboundMessage } from '../../../packages/core/src/message/envelope.ts';
import { textOf, userMessage } from '../../../packages/core/src/message/message.ts';
import type { AgentDefinition } from '../../../packages/core/src/runtime/agent.ts';
import type { RunChunk } from '../../../packages/core/src/runtime/run-chunk.ts';
import { Runtime } from '../../../packages/core/src/runtime/runtime.ts';
import { StoreConflictError } from '../../../packages/core/src/store/errors.ts';
import { MemorySessionStore } from '../../../packages/core/src/store/memory-store.ts';
import { ScriptedProvider, VirtualClock } from '../../../packages/core/src/testing/index.ts';

describe('an agent at work', () => {
  it('streams the answer in pieces, and gives the whole of it last', async () => {
    const { runtime, provider } = anAgent();
    provider.script({ pieces: ['A gate', ' for water'] });

    const chunks = await readAll(runtime.run(aMessage('What is a sluice?'), aRun()));

    expect(chunks).toMatchObject([
      { type: 'delta', text: 'A gate' },
      { type: 'delta', text: ' for water' },
      { type: 'finished', text: 'A gate for water', finish: { reason: 'stop' }, leftOut: 0 },
    ]);
  });

  it('tells the model its instructions and what was said before', async () => {
    const { runtime, provider } = anAgent({ instructions: 'Be brief.', model: 'm', maxTokens: 9 });
    provider.script({ pieces: ['One'] }, { pieces: ['Two'] });

    await readAll(runtime.run(aMessage('first'), aRun()));
    await readAll(runtime.run(aMessage('second'), aRun()));

    const [, request] = provider.requests;
    expect(request?.messages.map(textOf)).toEqual(['Be brief.', 'first', 'One', 'second']);
    expect(request).toMatchObject({ model: 'm', maxTokens: 9 });
  });

  it('keeps conversations apart', async () => {
    const { runtime, provider } = anAgent();

    await readAll(runtime.run(aMessage('from ann', ['web', 'ann']), aRun()));
    await readAll(runtime.run(aMessage('from bob', ['web', 'bob']), aRun()));

    expect(provider.requests[1]?.messages.map(textOf)).toEqual(['from bob']);
  });

  it('remembers question and answer together, and neither when the answer fails', async () => {
    const { runtime, provider, store } = anAgent();
    provider.script({ pieces: ['half an ans'], end: { kind: 'reset' } }, { pieces: ['whole'] });

    const failing = readAll(runtime.run(aMessage('first'), aRun()));
    await expect(failing).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
    await readAll(runtime.run(aMessage('second'), aRun()));

    const { messages } = await store.load(['web', 'ann']);
    expect(messages.map(textOf)).toEqual(['second', 'whole']);
  });

  it('rejects with the reason of an abort, remembers nothing, and lets the next turn begin', async () => {
    const { runtime, provider, store } = anAgent();
    provider.script({ pieces: ['half'], end: { kind: 'stall' } });
    const controller = new AbortController();
    const reason = new Error('left');
    const running = readAll(runtime.run(aMessage('first'), aRun(controller.signal)));
    await new VirtualClock().settle();

    controller.abort(reason);

    await expect(running).rejects.toBe(reason);
    expect((await store.load(['web', 'ann'])).messages).toHaveLength(0);
    await expect(readAll(runtime.run(aMessage('second'), aRun()))).resolves.toHaveLength(3);
  });

  it('lets the provider go and the next turn begin when its reader leaves', async () => {
    const { runtime, provider, events } = anAgent();
    provider.script({ pieces: ['half', 'more'], end: { kind: 'stall' } });

    for await (const chunk of runtime.run(aMessage('first'), aRun())) {
      if (chunk.type === 'delta') break;
    }

    expect(provider.aborted).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', error: { name: 'AbortError' } });
    await expect(readAll(runtime.run(aMessage('second'), aRun()))).resolves.toHaveLength(3);
  });

  it('answers one message of a conversation after the other', async () => {
    const { runtime, provider } = anAgent();
    provider.script({ pieces: ['One'] }, { pieces: ['Two'] });

    await Promise.all(
      ['first', 'second'].map((text) => readAll(runtime.run(aMessage(text), aRun()))),
    );

    expect(provider.highWater).toBe(1);
    expect(provider.requests[1]?.messages.map(textOf)).toEqual(['first', 'One', 'second']);
  });

  it('leaves out the oldest history that has no room, and reports how much', async () => {
    const { runtime, provider, events } = anAgent({ contextTokens: 30 });
    provider.script({ pieces: ['a'.repeat(40)] });
    await readAll(runtime.run(aMessage('b'.repeat(40)), aRun()));

    const chunks = await readAll(runtime.run(aMessage('now'), aRun()));

    expect(provider.requests[1]?.messages.map(textOf)).toEqual(['now']);
    expect(chunks.at(-1)).toMatchObject({ leftOut: 2 });
    const turns = events.filter(({ type }) => type === 'run.turn');
    expect(turns).toMatchObject([{ leftOut: 0 }, { leftOut: 2 }]);
  });

  it('puts an exchange after what another process wrote in the meantime', async () => {
    const { runtime, provider, store } = anAgent();
    provider.script({ pieces: ['One'], pieceMs: 10 });
    const clock = provider.clock;
    const running = readAll(runtime.run(aMessage('first'), aRun()));
    await clock.settle();
    await store.append(['web', 'ann'], [userMessage('elsewhere')], { expectVersion: 0 });

    await clock.advance(10);
    await running;

    const { messages } = await store.load(['web', 'ann']);
    expect(messages.map(textOf)).toEqual(['elsewhere', 'first', 'One']);
  });

  it('fails when the session belongs to somebody else by now', async () => {
    const { runtime, store } = anAgent();
    const conflict = new StoreConflictError({ kind: 'fence', fence: 1, newest: 2 });
    let appends = 0;
    store.append = () => {
      appends += 1;
      return Promise.reject(conflict);
    };

    const running = readAll(runtime.run(aMessage('first'), aRun()));

    await expect(running).rejects.toBe(conflict);
    expect(appends).toBe(1);
  });

  it('tells its story: begun, turn, first content, finished, with one id', async () => {
    const { runtime, provider, events, phases } = anAgent();
    provider.script({ pieces: ['a', 'b'], headersMs: 5, pieceMs: 10 });
    const running = readAll(runtime.run(aMessage('first'), aRun()));

    await provider.clock.advance(25);
    await running;

    expect(events).toEqual([
      { type: 'run.started', runId: 'r1', agent: 'atlas' },
      { type: 'run.turn', runId: 'r1', agent: 'atlas', turn: 1, leftOut: 0 },
      { type: 'run.firstContent', runId: 'r1', agent: 'atlas', turn: 1 },
      {
        type: 'run.finished',
        runId: 'r1',
        agent: 'atlas',
        turn: 1,
        durationMs: 25,
        usage: { inputTokens: 3, outputTokens: 5 },
      },
    ]);
    expect(phases).toEqual(['waiting', 'waiting', 'streaming', 'replying']);
  });

  it('builds no event that nobody wants', async () => {
    const { runtime, events, phases } = anAgent({}, false);

    await readAll(runtime.run(aMessage('first'), aRun()));

    expect(events).toHaveLength(0);
    expect(phases.at(-1)).toBe('replying');
  });

  it('is refused when its definition is not valid', () => {
    expect(() => anAgent({ name: ' ' })).toThrow('An agent needs a name that is not empty');
    expect(() => anAgent({ maxTokens: 0 })).toThrow(
      'maxTokens of agent "atlas" must be an integer of at least 1, not 0',
    );
    expect(() => anAgent({ contextTokens: 1.5 })).toThrow(TypeError);
  });
});

function anAgent(parts: Partial<AgentDefinition> = {}, isObserved = true) {
  const clock = new VirtualClock();
  const provider = Object.assign(new ScriptedProvider({ clock }), { clock });
  const client = provider.createClient();
  const store = new MemorySessionStore();
  const events: RunEvent[] = [];
  const phases: string[] = [];
  const runtime = new Runtime(
    { name: 'atlas', instructions: '', ...parts },
    {
      clients: {
        stream: (request, { signal = new AbortController().signal }) =>
          client.stream(request, { signal }),
      },
      store,
      clock,
      reporter: {
        isObserved,
        emit: (event) => void events.push(event),
        entered: (_, phase) => void phases.push(phase),
      },
    },
  );
  return { runtime, provider, store, events, phases };
}

function aMessage(text: string, namespace: readonly string[] = ['web', 'ann']): InboundMessage {
  return { id: messageId(text), namespace, text };
}

function aRun(signal: AbortSignal = new AbortController().signal) {
  return { runId: runId('r1'), signal };
}

async function readAll(chunks: AsyncIterable<RunChunk>): Promise<readonly RunChunk[]> {
  const all: RunChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
