import { type Judge, KEY, load, PROMPT, TOOL, type Verdict } from './judge.ts';

interface OpenAi {
  readonly chat: { readonly completions: ChatCompletions };
  readonly responses: Responses;
}
interface ChatCompletions {
  stream(body: object): ChatStream;
  create(body: object): Promise<ChatCompletion>;
}
interface ChatStream extends AsyncIterable<ChatChunk> {
  finalChatCompletion(): Promise<ChatCompletion>;
}
interface ChatChunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string | null; readonly reasoning_content?: string };
  }[];
}
interface ChatCompletion {
  readonly choices: readonly {
    readonly message: {
      readonly content: string | null;
      readonly refusal: string | null;
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly {
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
    readonly finish_reason: string;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  };
}
interface Responses {
  stream(body: object): ResponseStream;
  create(body: object): Promise<WholeResponse>;
}
interface ResponseStream extends AsyncIterable<{ readonly type: string; readonly delta?: string }> {
  finalResponse(): Promise<WholeResponse>;
}
interface WholeResponse {
  readonly output_text: string;
  readonly status: string;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly output: readonly {
    readonly type: string;
    readonly name?: string;
    readonly arguments?: string;
    readonly summary?: readonly { readonly text: string }[];
  }[];
  readonly usage?: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly input_tokens_details?: { readonly cached_tokens?: number };
  };
}

const { OpenAI } = load('openai') as { OpenAI: new (options: object) => OpenAi };

function clientAt(url: string): OpenAi {
  return new OpenAI({ apiKey: KEY, baseURL: url, maxRetries: 0 });
}

/** OpenAI's own client on Chat Completions. */
export const chat: Judge = {
  name: 'openai, chat.completions',
  dialect: 'openai',
  finish: {
    stop: 'stop',
    length: 'length',
    'tool-calls': 'tool_calls',
    'content-filter': 'content_filter',
  },
  ask: async ({ url, hear }) => {
    const stream = clientAt(url).chat.completions.stream({
      ...CHAT_BODY,
      stream_options: { include_usage: true },
    });
    let thinking = '';
    for await (const { choices } of stream) {
      hear(choices[0]?.delta.content ?? '');
      thinking += choices[0]?.delta.reasoning_content ?? '';
    }
    return chatVerdict(await stream.finalChatCompletion(), thinking);
  },
  askWhole: async (url) => chatVerdict(await clientAt(url).chat.completions.create(CHAT_BODY)),
};

const CHAT_BODY = {
  model: 'gpt-x',
  messages: [{ role: 'user', content: PROMPT }],
  tools: [
    {
      type: 'function',
      function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema },
    },
  ],
};

/** A stream puts no thinking into the message at its end: OpenAI's own wire has none. */
function chatVerdict({ choices, usage }: ChatCompletion, streamed?: string): Verdict {
  const [choice] = choices;
  const thinking = streamed ?? choice?.message.reasoning_content ?? '';
  return {
    text: choice?.message.content ?? '',
    thinking,
    calls: (choice?.message.tool_calls ?? []).map((call) => ({
      name: call.function.name,
      input: JSON.parse(call.function.arguments) as unknown,
    })),
    finish: choice?.finish_reason,
    inputTokens: usage?.prompt_tokens,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens,
    outputTokens: usage?.completion_tokens,
  };
}

/** OpenAI's own client on Responses, which tells a status rather than a reason. */
export const responses: Judge = {
  name: 'openai, responses',
  dialect: 'responses',
  finish: { stop: 'completed', length: 'max_output_tokens', 'content-filter': 'content_filter' },
  ask: async ({ url, hear }) => {
    const stream = clientAt(url).responses.stream(RESPONSE_BODY);
    for await (const { type, delta = '' } of stream) {
      if (type === 'response.output_text.delta') hear(delta);
    }
    return responseVerdict(await stream.finalResponse());
  },
  askWhole: async (url) => responseVerdict(await clientAt(url).responses.create(RESPONSE_BODY)),
};

const RESPONSE_BODY = {
  model: 'gpt-x',
  input: PROMPT,
  tools: [
    {
      type: 'function',
      name: TOOL.name,
      description: TOOL.description,
      parameters: TOOL.schema,
      strict: true,
    },
  ],
};

function responseVerdict({
  output,
  output_text: text,
  status,
  incomplete_details: incomplete,
  usage,
}: WholeResponse): Verdict {
  return {
    text,
    thinking: output
      .flatMap(({ summary = [] }) => summary)
      .map((part) => part.text)
      .join(''),
    calls: output.flatMap(({ type, name = '', arguments: input = '' }) =>
      type === 'function_call' ? [{ name, input: JSON.parse(input) as unknown }] : [],
    ),
    finish: incomplete?.reason ?? status,
    inputTokens: usage?.input_tokens,
    cachedTokens: usage?.input_tokens_details?.cached_tokens,
    outputTokens: usage?.output_tokens,
  };
}
