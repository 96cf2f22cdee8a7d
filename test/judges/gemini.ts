import { type Judge, KEY, load, PROMPT, TOOL, type Verdict } from './judge.ts';

interface Client {
  readonly models: {
    generateContentStream(request: object): Promise<AsyncIterable<Chunk>>;
    generateContent(request: object): Promise<Chunk>;
  };
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

const { GoogleGenAI } = load('@google/genai') as {
  GoogleGenAI: new (options: object) => Client;
};

/** Google's own client. Its wire calls tools without a reason of its own. */
export const generateContent: Judge = {
  name: '@google/genai',
  dialect: 'gemini',
  finish: { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' },
  ask: async ({ url, hear }) => {
    const chunks: Chunk[] = [];
    for await (const chunk of await clientAt(url).models.generateContentStream(REQUEST)) {
      chunks.push(chunk);
      hear(textOf(partsOf([chunk]), { isThought: false }));
    }
    return verdictOf(chunks);
  },
  askWhole: async (url) => verdictOf([await clientAt(url).models.generateContent(REQUEST)]),
};

const REQUEST = {
  model: 'gemini-x',
  contents: PROMPT,
  config: {
    tools: [
      {
        functionDeclarations: [
          { name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.schema },
        ],
      },
    ],
  },
};

function clientAt(url: string): Client {
  const { origin } = new URL(url); // it puts the version behind it by itself
  return new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: origin } });
}

/** Each chunk tells the usage so far; the last one that does knows all of it. */
function verdictOf(chunks: readonly Chunk[]): Verdict {
  const parts = partsOf(chunks);
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata;
  return {
    text: textOf(parts, { isThought: false }),
    thinking: textOf(parts, { isThought: true }),
    calls: parts.flatMap(({ functionCall: call }) =>
      call === undefined ? [] : [{ name: call.name ?? '', input: call.args }],
    ),
    finish: chunks.map(finishOf).findLast((reason) => reason !== undefined),
    inputTokens: usage?.promptTokenCount,
    cachedTokens: usage?.cachedContentTokenCount,
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
  };
}

function partsOf(chunks: readonly Chunk[]): readonly Part[] {
  return chunks.flatMap(({ candidates = [] }) => candidates[0]?.content?.parts ?? []);
}

function textOf(parts: readonly Part[], { isThought }: { readonly isThought: boolean }): string {
  return parts
    .map(({ text = '', thought = false }) => (thought === isThought ? text : ''))
    .join('');
}

function finishOf({ candidates = [] }: Chunk): string | undefined {
  return candidates[0]?.finishReason;
}
