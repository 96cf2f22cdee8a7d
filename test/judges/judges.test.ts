import { createMockServer, type MockServer, type Reply } from '@sluice/adapters/mock-server';
import type { FinishReason } from '@sluice/core';
import { afterEach, describe, expect, it } from 'vitest';
import { aiSdk } from './ai-sdk.ts';
import { messages } from './anthropic.ts';
import { generateContent } from './gemini.ts';
import type { Judge, Matter, Verdict } from './judge.ts';
import { chat as ollamaChat } from './ollama.ts';
import { chat, responses } from './openai.ts';

const JUDGES: readonly Judge[] = [chat, responses, messages, generateContent, ollamaChat, ...aiSdk];

const servers: MockServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe.each(JUDGES)('$name', (judge) => {
  it('reads the text, as it comes and whole', async () => {
    const { verdict, heard } = await judged(judge, { text: 'Die Schleuse öffnet 🌊 langsam' });

    expect(verdict?.text).toBe('Die Schleuse öffnet 🌊 langsam');
    expect(heard.filter((piece) => piece !== '').length).toBeGreaterThan(1);
    expect(heard.join('')).toBe(verdict?.text);
  });

  it('reads a text that is cut into pieces of seven bytes', async () => {
    const { verdict } = await judged(judge, { text: 'öffnet 🌊 langsam', framing: { cut: 7 } });

    expect(verdict?.text).toBe('öffnet 🌊 langsam');
  });

  it('reads the answer after the thinking, and the thinking if it can', async () => {
    const { verdict } = await judged(judge, { thinking: 'Let me see.', text: 'A gate.' });

    const thinking = canTell(judge, 'thinking') ? 'Let me see.' : '';
    expect(verdict).toMatchObject({ thinking, text: 'A gate.' });
  });

  it.each([false, true])('reads parallel tool calls (interleaved: %s)', async (isInterleaved) => {
    const inputs = [
      { a: 1, b: 2 },
      { a: 30, b: 40 },
    ];

    const { verdict } = await judged(judge, {
      text: '',
      toolCalls: inputs.map((input) => ({ name: 'add', input, pieceLength: 3 })),
      areCallsInterleaved: isInterleaved,
    });

    expect(verdict?.calls).toEqual(inputs.map((input) => ({ name: 'add', input })));
  });

  it('reads the usage', async () => {
    const usage = { input: { total: 120, cacheRead: 100 }, output: { total: 40 } };

    const { verdict } = await judged(judge, { text: 'A gate.', usage });

    const cachedTokens = canTell(judge, 'cache') ? 100 : undefined;
    expect(verdict).toMatchObject({ inputTokens: 120, outputTokens: 40 });
    expect(verdict?.cachedTokens).toBe(cachedTokens);
  });

  it.each(Object.entries(judge.finish))('reads why the model stopped: %s', async (finish, word) => {
    const isCall = finish === 'tool-calls';
    const toolCalls = isCall ? [{ name: 'add', input: { a: 1, b: 2 } }] : undefined;

    const { verdict } = await judged(judge, {
      text: isCall ? '' : 'A gate.',
      toolCalls,
      finish: finish as FinishReason,
    });

    expect(verdict?.finish).toBe(word);
  });

  it.each([400, 401, 429, 500, 503])(
    'reads a refusal of %i, and its words if it can',
    async (status) => {
      const { thrown } = await judged(judge, {
        fault: { kind: 'status', status, message: 'The gate is shut' },
      });

      expect(statusOf(thrown)).toBe(status);
      const words = canTell(judge, 'words') ? 'The gate is shut' : '';
      expect((thrown as Error).message).toContain(words);
    },
  );
});

describe.each(JUDGES.filter((judge) => canTell(judge, 'error in the stream')))('$name', (judge) => {
  it('reads an error in the stream, after the text that came before it', async () => {
    const { thrown, heard } = await judged(judge, {
      text: ['The ', 'gate '],
      fault: { kind: 'error', message: 'The gate is stuck' },
    });

    expect((thrown as Error).message).toContain('The gate is stuck');
    expect(heard.join('')).toBe('The gate ');
  });

  it('reads an error that is the first event of all', async () => {
    const { thrown, heard } = await judged(judge, {
      fault: { kind: 'error', afterEvents: 0, message: 'The gate is stuck' },
    });

    expect((thrown as Error).message).toContain('The gate is stuck');
    expect(heard.join('')).toBe('');
  });
});

function canTell({ cannotTell = [] }: Judge, matter: Matter): boolean {
  return !cannotTell.includes(matter);
}

describe.each(JUDGES)('$name, without a stream,', (judge) => {
  const usage = { input: { total: 120, cacheRead: 100 }, output: { total: 40 } };

  it('reads the whole answer', async () => {
    const { verdict } = await judgedWhole(judge, {
      thinking: 'Let me see.',
      text: 'Die Schleuse öffnet 🌊',
      usage,
    });

    expect(verdict).toMatchObject({
      text: 'Die Schleuse öffnet 🌊',
      thinking: canTell(judge, 'thinking') ? 'Let me see.' : '',
      finish: judge.finish.stop,
      inputTokens: 120,
      outputTokens: 40,
    });
    expect(verdict?.cachedTokens).toBe(canTell(judge, 'cache') ? 100 : undefined);
  });

  it('reads the tool calls', async () => {
    const calls = [
      { name: 'add', input: { a: 1, b: 2 } },
      { name: 'add', input: { a: 30, b: 40 } },
    ];

    const { verdict } = await judgedWhole(judge, { text: '', toolCalls: calls });

    expect(verdict?.calls).toEqual(calls);
  });

  it('reads what would have been an error in the stream as a status', async () => {
    const { thrown } = await judgedWhole(judge, {
      fault: { kind: 'error', message: 'The gate is stuck' },
    });

    expect(statusOf(thrown)).toBe(500);
  });

  it('reads nothing from a body that breaks off', async () => {
    const { thrown } = await judgedWhole(judge, { fault: { kind: 'reset' } });

    expect(thrown).toBeInstanceOf(Error);
  });
});

interface Judged {
  readonly verdict: Verdict | undefined;
  readonly heard: readonly string[];
  readonly thrown: unknown;
}

/** Lets a judge read one scripted reply on a real socket, as a stream. */
async function judged(judge: Judge, reply: Reply): Promise<Judged> {
  const url = await mocked(judge, reply);
  const heard: string[] = [];
  const asked = judge.ask({ url, hear: (text) => void heard.push(text) });
  return { heard, ...(await settled(asked)) };
}

/** The same without a stream. */
async function judgedWhole(judge: Judge, reply: Reply): Promise<Omit<Judged, 'heard'>> {
  return settled(judge.askWhole(await mocked(judge, reply)));
}

async function mocked({ dialect }: Judge, reply: Reply): Promise<string> {
  const server = createMockServer({ script: [reply] });
  servers.push(server);
  const url = (await server.listen()).urls[dialect];
  if (url === undefined) throw new Error(`The mock server does not speak ${dialect}`);
  return url;
}

function settled(asked: Promise<Verdict>): Promise<Omit<Judged, 'heard'>> {
  return asked.then(
    (verdict) => ({ verdict, thrown: undefined }),
    (thrown: unknown) => ({ verdict: undefined, thrown }),
  );
}

/** Each client has a name of its own for it. */
function statusOf(error: unknown): unknown {
  const { status, statusCode, status_code: line } = error as Readonly<Record<string, unknown>>;
  return status ?? statusCode ?? line;
}
