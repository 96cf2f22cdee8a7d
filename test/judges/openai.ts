import { type Judge, KEY, load, PROMPT, TOOL, type Verdict } from './judge.ts';

interface OpenAi {
  readonly chat: { readonly completions: { stream(body: object): ChatStream } };
  readonly responses: { stream(body: object): ResponseStream };
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
      model: 'gpt-x',
      messages: [{ role: 'user', content: PROMPT }],
      tools: [
        {
          type: 'function',
          function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema },
        },
      ],
      stream_options: { include_usage: true },
    });
    let thinking = '';
    for await (const { choices } of stream) {
      hear(choices[0]?.delta.content ?? '');
      thinking += choices[0]?.delta.reasoning_content ?? '';
    }
    return chatVerdict(await stream.finalChatCompletion(), thinking);
  },
};

function chatVerdict({ choices, usage }: ChatCompletion, thinking: string): Verdict {
  const [choice] = choices;
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
    const { name, description, schema } = TOOL;
    const stream = clientAt(url).responses.stream({
      model: 'gpt-x',
      input: PROMPT,
      tools: [{ type: 'function', name, description, parameters: schema, strict: true }],
    });
    for await (const { type, delta = '' } of stream) {
      if (type === 'response.output_text.delta') hear(delta);
    }
    return responseVerdict(await stream.finalResponse());
  },
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
