import { type Judge, KEY, load, PROMPT, TOOL } from './judge.ts';

interface Client {
  readonly models: { generateContentStream(request: object): Promise<AsyncIterable<Chunk>> };
}
interface Chunk {
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly Part[] };
    readonly finishReason?: string;
  }[];
  readonly usageMetadata?: {
    readonly promptTokenCount?: number;
    readonly cachedContentTokenCount?: number;
    readonly candidatesTokenCount?: number;
    readonly thoughtsTokenCount?: number;
  };
}
interface Part {
  readonly text?: string;
  readonly thought?: boolean;
  readonly functionCall?: { readonly name?: string; readonly args?: unknown };
}

const { GoogleGenAI } = load('@google/genai') as { GoogleGenAI: new (options: object) => Client };

/** Google's own client. Its wire calls tools without a reason of its own. */
export const generateContent: Judge = {
  name: '@google/genai',
  dialect: 'gemini',
  finish: { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' },
  ask: async ({ url, hear }) => {
    const { origin } = new URL(url); // it puts the version behind it by itself
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: origin } });
    const { name, description, schema } = TOOL;
    const stream = await client.models.generateContentStream({
      model: 'gemini-x',
      contents: PROMPT,
      config: {
        tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema: schema }] }],
      },
    });
    const parts: Part[] = [];
    let finish: string | undefined;
    let usage: Chunk['usageMetadata'];
    for await (const { candidates = [], usageMetadata } of stream) {
      for (const part of candidates[0]?.content?.parts ?? []) {
        parts.push(part);
        if (part.thought !== true) hear(part.text ?? '');
      }
      finish = candidates[0]?.finishReason ?? finish;
      usage = usageMetadata ?? usage;
    }
    const textOf = (isThought: boolean): string =>
      parts.map(({ text = '', thought = false }) => (thought === isThought ? text : '')).join('');
    return {
      text: textOf(false),
      thinking: textOf(true),
      calls: parts.flatMap(({ functionCall: call }) =>
        call === undefined ? [] : [{ name: call.name ?? '', input: call.args }],
      ),
      finish,
      inputTokens: usage?.promptTokenCount,
      cachedTokens: usage?.cachedContentTokenCount,
      outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    };
  },
};
