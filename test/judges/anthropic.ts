import { type Judge, KEY, load, PROMPT, TOOL, type Verdict } from './judge.ts';

interface Client {
  readonly messages: {
    stream(body: object): MessageStream;
    create(body: object): Promise<Message>;
  };
}
interface MessageStream extends AsyncIterable<unknown> {
  on(event: 'text', hear: (text: string) => void): MessageStream;
  finalMessage(): Promise<Message>;
}
interface Message {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly name?: string;
    readonly input?: unknown;
  }[];
  readonly stop_reason: string;
  readonly usage: {
    readonly input_tokens: number;
    readonly cache_creation_input_tokens?: number | null;
    readonly cache_read_input_tokens?: number | null;
    readonly output_tokens: number;
  };
}

const { Anthropic } = load('@anthropic-ai/sdk') as { Anthropic: new (options: object) => Client };

/** Anthropic's own client. */
export const messages: Judge = {
  name: '@anthropic-ai/sdk',
  dialect: 'anthropic',
  finish: {
    stop: 'end_turn',
    length: 'max_tokens',
    'tool-calls': 'tool_use',
    'content-filter': 'refusal',
    other: 'pause_turn',
  },
  ask: async ({ url, hear }) => {
    const stream = clientAt(url).messages.stream(BODY);
    return verdictOf(await stream.on('text', hear).finalMessage());
  },
  askWhole: async (url) => verdictOf(await clientAt(url).messages.create(BODY)),
};

const BODY = {
  model: 'claude-x',
  max_tokens: 1_024,
  messages: [{ role: 'user', content: PROMPT }],
  tools: [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }],
};

function clientAt(url: string): Client {
  return new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 });
}

function verdictOf({ content, stop_reason: finish, usage }: Message): Verdict {
  const joined = (key: 'text' | 'thinking'): string =>
    content.map((block) => block[key] ?? '').join('');
  const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
  return {
    text: joined('text'),
    thinking: joined('thinking'),
    calls: content.flatMap(({ type, name = '', input }) =>
      type === 'tool_use' ? [{ name, input }] : [],
    ),
    finish,
    inputTokens: usage.input_tokens + (written ?? 0) + (read ?? 0),
    cachedTokens: read ?? undefined,
    outputTokens: usage.output_tokens,
  };
}
