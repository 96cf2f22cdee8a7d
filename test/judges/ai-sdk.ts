import { type Judge, KEY, load, PROMPT, TOOL } from './judge.ts';

interface AiSdk {
  streamText(request: object): { readonly fullStream: AsyncIterable<Part> };
  generateText(request: object): Promise<Whole>;
  jsonSchema(schema: object): object;
  tool(definition: object): object;
}
interface ToolCall {
  readonly toolName: string;
  readonly input: unknown;
}
type Part =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | ({ readonly type: 'tool-call' } & ToolCall)
  | { readonly type: 'error'; readonly error: unknown }
  | { readonly type: 'finish'; readonly finishReason: string; readonly totalUsage: Usage };
interface Whole {
  readonly text: string;
  readonly reasoningText?: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
  readonly totalUsage: Usage;
}
interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly inputTokenDetails?: { readonly cacheReadTokens?: number };
}

const { streamText, generateText, jsonSchema, tool } = load('ai') as AiSdk;

/** Makes a model of a provider package, for a mock at a URL. */
type MakeModel = (url: string) => unknown;

/** A package of the `ai` family: a function that makes a function that makes models. */
type MakeProvider = (options: object) => ((model: string) => unknown) & {
  readonly chat: (model: string) => unknown;
  readonly responses: (model: string) => unknown;
};

const { createOpenAI } = load('@ai-sdk/openai') as { createOpenAI: MakeProvider };
const { createAnthropic } = load('@ai-sdk/anthropic') as { createAnthropic: MakeProvider };
const { createGoogle } = load('@ai-sdk/google') as { createGoogle: MakeProvider };
const { createOllama } = load('ollama-ai-provider-v2') as { createOllama: MakeProvider };

/** The `ai` package with the provider package of each wire. */
export const aiSdk: readonly Judge[] = [
  judgeOf('openai', (url) => createOpenAI({ apiKey: KEY, baseURL: url }).chat('gpt-x'), {
    cannotTell: ['thinking'], // it reads what OpenAI sends, and that has no thinking in it
  }),
  judgeOf('responses', (url) => createOpenAI({ apiKey: KEY, baseURL: url }).responses('gpt-x')),
  judgeOf('anthropic', (url) => createAnthropic({ apiKey: KEY, baseURL: `${url}/v1` })('claude-x')),
  judgeOf('gemini', (url) => createGoogle({ apiKey: KEY, baseURL: url })('gemini-x')),
  judgeOf('ollama', (url) => createOllama({ baseURL: `${url}/api` })('llama-x'), {
    finish: { stop: 'stop', length: 'length', 'tool-calls': 'tool-calls' },
    // Its package looks for an object where Ollama writes `{"error": "…"}`.
    cannotTell: ['cache', 'words', 'error in the stream'],
  }),
];

function judgeOf(dialect: string, makeModel: MakeModel, more: Partial<Judge> = {}): Judge {
  return {
    name: `ai, on the wire of ${dialect}`,
    dialect,
    finish: {
      stop: 'stop',
      length: 'length',
      'tool-calls': 'tool-calls',
      'content-filter': 'content-filter',
    },
    ...more,
    ask: async ({ url, hear }) => {
      const { fullStream } = streamText({
        ...requestFor(makeModel(url)),
        onError: () => undefined, // it would write to the console
      });
      const parts: Part[] = [];
      for await (const part of fullStream) {
        if (part.type === 'error') throw part.error;
        if (part.type === 'text-delta') hear(part.text);
        parts.push(part);
      }
      const textOf = (type: 'text-delta' | 'reasoning-delta'): string =>
        parts.map((part) => (part.type === type ? part.text : '')).join('');
      const end = parts.findLast((part) => part.type === 'finish');
      return {
        text: textOf('text-delta'),
        thinking: textOf('reasoning-delta'),
        calls: parts.filter((part) => part.type === 'tool-call').map(callOf),
        finish: end?.finishReason,
        ...tokensOf(end?.totalUsage),
      };
    },
    askWhole: async (url) => {
      const { text, reasoningText, toolCalls, finishReason, totalUsage } = await generateText(
        requestFor(makeModel(url)),
      );
      return {
        text,
        thinking: reasoningText ?? '',
        calls: toolCalls.map(callOf),
        finish: finishReason,
        ...tokensOf(totalUsage),
      };
    },
  };
}

function requestFor(model: unknown): object {
  const { name, description, schema } = TOOL;
  return {
    model,
    prompt: PROMPT,
    maxRetries: 0,
    maxOutputTokens: 1_024,
    tools: { [name]: tool({ description, inputSchema: jsonSchema(schema) }) },
  };
}

function callOf({ toolName, input }: ToolCall): { readonly name: string; readonly input: unknown } {
  return { name: toolName, input };
}

function tokensOf(usage: Usage | undefined): {
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
} {
  return {
    inputTokens: usage?.inputTokens,
    cachedTokens: usage?.inputTokenDetails?.cacheReadTokens,
    outputTokens: usage?.outputTokens,
  };
}
