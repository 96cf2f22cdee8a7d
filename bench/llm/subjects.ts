import { anthropic } from '@sluice/adapters/anthropic';
import { gemini } from '@sluice/adapters/gemini';
import { ollama } from '@sluice/adapters/ollama';
import { openai } from '@sluice/adapters/openai';
import { type Client, type Provider, userMessage } from '@sluice/core';
import { readWithParser } from './bare.ts';
import { rival } from './rivals.ts';
import type { FamilyName } from './streams.ts';

/** Reads one answer to its end and counts the characters of its text. */
export type Subject = (fetch: typeof globalThis.fetch) => Promise<number>;

/** Makes a subject for a family. */
export type MakeSubject = (family: FamilyName) => Promise<Subject> | Subject;

const KEY = 'sk-test-0123456789abcdef';
const MODEL = 'model-x';

/** What is set beside the yardstick, by name. */
export const subjects: Readonly<Record<string, MakeSubject>> = {
  sluice: (family) => readWithSluice(family),
  'ky+parser': (family) => readWithParser(family),
  'openai sdk': (family) => readWithSdk(family),
  'ai provider': (family) => readWithAi(family, 'model'),
  ai: (family) => readWithAi(family, 'text'),
};

/** Which subjects can read a family. */
export function subjectsOf(family: FamilyName): readonly string[] {
  switch (family) {
    case 'openai':
    case 'responses':
      return ['sluice', 'ky+parser', 'openai sdk', 'ai provider', 'ai'];
    case 'anthropic':
    case 'gemini':
      return ['sluice', 'ky+parser', 'ai provider', 'ai'];
    case 'ollama':
      return ['sluice'];
  }
}

/** Makes a provider of a family, over this `fetch`. */
export function providerOf(family: FamilyName, fetch: typeof globalThis.fetch): Provider {
  const options = { apiKey: KEY, model: MODEL, fetch };
  switch (family) {
    case 'openai':
      return openai(options);
    case 'responses':
      return openai({ ...options, api: 'responses' });
    case 'anthropic':
      return anthropic(options);
    case 'gemini':
      return gemini(options);
    case 'ollama':
      return ollama({ model: MODEL, fetch });
  }
}

/** Makes a client of a family, over this `fetch`. */
export async function clientOf(
  family: FamilyName,
  fetch: typeof globalThis.fetch,
): Promise<Client> {
  return providerOf(family, fetch).createClient({ signal: new AbortController().signal });
}

function readWithSluice(family: FamilyName): Subject {
  return async (fetch) => {
    const client = await clientOf(family, fetch);
    const context = { signal: new AbortController().signal };
    let length = 0;
    for await (const chunk of client.stream({ messages: [userMessage('Hi')] }, context)) {
      if (chunk.type === 'text') length += chunk.delta.length;
    }
    return length;
  };
}

interface OpenAiSdk {
  readonly chat: {
    readonly completions: { create(body: object): Promise<AsyncIterable<ChatEvent>> };
  };
  readonly responses: { create(body: object): Promise<AsyncIterable<ResponsesEvent>> };
}

interface ChatEvent {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
}

interface ResponsesEvent {
  readonly type: string;
  readonly delta?: string;
}

async function readWithSdk(family: FamilyName): Promise<Subject> {
  const { OpenAI } = (await rival('openai')) as {
    OpenAI: new (options: object) => OpenAiSdk;
  };
  return async (fetch) => {
    const sdk = new OpenAI({ apiKey: KEY, fetch, maxRetries: 0 });
    let length = 0;
    if (family === 'openai') {
      const messages = [{ role: 'user', content: 'Hi' }];
      const stream = await sdk.chat.completions.create({ model: MODEL, messages, stream: true });
      for await (const { choices } of stream) length += choices[0]?.delta.content?.length ?? 0;
      return length;
    }
    const stream = await sdk.responses.create({ model: MODEL, input: 'Hi', stream: true });
    for await (const { type, delta } of stream) {
      if (type === 'response.output_text.delta') length += delta?.length ?? 0;
    }
    return length;
  };
}

interface AiModel {
  doStream(options: object): Promise<{ stream: ReadableStream<{ type: string; delta?: string }> }>;
}

type MakeAiModel = (fetch: typeof globalThis.fetch) => AiModel;

async function readWithAi(family: FamilyName, level: 'model' | 'text'): Promise<Subject> {
  const makeModel = await aiModel(family);
  const { streamText } = (await rival('ai')) as {
    streamText: (options: object) => { textStream: AsyncIterable<string> };
  };
  return async (fetch) => {
    const model = makeModel(fetch);
    let length = 0;
    if (level === 'text') {
      const { textStream } = streamText({ model, prompt: 'Hi', maxRetries: 0 });
      for await (const text of textStream) length += text.length;
      return length;
    }
    const prompt = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
    const { stream } = await model.doStream({ prompt });
    for await (const { type, delta } of stream) {
      if (type === 'text-delta') length += delta?.length ?? 0;
    }
    return length;
  };
}

async function aiModel(family: FamilyName): Promise<MakeAiModel> {
  const settings = (fetch: typeof globalThis.fetch): object => ({ apiKey: KEY, fetch });
  switch (family) {
    case 'openai':
    case 'responses': {
      const { createOpenAI } = (await rival('@ai-sdk/openai')) as {
        createOpenAI: (options: object) => Record<string, (model: string) => AiModel>;
      };
      const api = family === 'openai' ? 'chat' : 'responses';
      return (fetch) => createOpenAI(settings(fetch))[api]!(MODEL);
    }
    case 'anthropic': {
      const { createAnthropic } = (await rival('@ai-sdk/anthropic')) as {
        createAnthropic: (options: object) => (model: string) => AiModel;
      };
      return (fetch) => createAnthropic(settings(fetch))(MODEL);
    }
    case 'gemini': {
      const { createGoogleGenerativeAI } = (await rival('@ai-sdk/google')) as {
        createGoogleGenerativeAI: (options: object) => (model: string) => AiModel;
      };
      return (fetch) => createGoogleGenerativeAI(settings(fetch))(MODEL);
    }
    case 'ollama':
      throw new TypeError('ai has no provider for Ollama of its own');
  }
}
