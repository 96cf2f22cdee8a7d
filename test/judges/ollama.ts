import { type Judge, load, PROMPT, TOOL, type Verdict } from './judge.ts';

interface Client {
  chat(request: object): Promise<unknown>;
}
interface Line {
  readonly message: {
    readonly content: string;
    readonly thinking?: string;
    readonly tool_calls?: readonly {
      readonly function: { readonly name: string; readonly arguments: unknown };
    }[];
  };
  readonly done_reason?: string;
  readonly prompt_eval_count?: number;
  readonly eval_count?: number;
}

const { Ollama } = load('ollama') as { Ollama: new (options: object) => Client };

/** Ollama's own client. Its wire stops for tools as it stops for anything, and knows neither filters nor caches. */
export const chat: Judge = {
  name: 'ollama',
  dialect: 'ollama',
  finish: { stop: 'stop', length: 'length', 'tool-calls': 'stop' },
  cannotTell: ['cache'],
  ask: async ({ url, hear }) => {
    const stream = await new Ollama({ host: url }).chat({ ...REQUEST, stream: true });
    const lines: Line[] = [];
    for await (const line of stream as AsyncIterable<Line>) {
      lines.push(line);
      hear(line.message.content);
    }
    return verdictOf(lines);
  },
  askWhole: async (url) => verdictOf([(await new Ollama({ host: url }).chat(REQUEST)) as Line]),
};

const REQUEST = {
  model: 'llama-x',
  messages: [{ role: 'user', content: PROMPT }],
  tools: [
    {
      type: 'function',
      function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema },
    },
  ],
};

function verdictOf(lines: readonly Line[]): Verdict {
  const last = lines.at(-1);
  return {
    text: lines.map(({ message }) => message.content).join(''),
    thinking: lines.map(({ message }) => message.thinking ?? '').join(''),
    calls: lines
      .flatMap(({ message }) => message.tool_calls ?? [])
      .map((call) => ({ name: call.function.name, input: call.function.arguments })),
    finish: last?.done_reason,
    inputTokens: last?.prompt_eval_count,
    cachedTokens: undefined,
    outputTokens: last?.eval_count,
  };
}
