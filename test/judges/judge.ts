import { createRequire } from 'node:module';
import type { FinishReason } from '@sluice/core';

/** A client that we did not write, pointed at one of our mocks. */
export interface Judge {
  /** The client, and the wire that it reads. */
  readonly name: string;
  /** The wire, as the mock server's `urls` call it. */
  readonly dialect: string;
  /** The client's own words for why a model stopped. Left out: it has none. */
  readonly finish: Readonly<Partial<Record<FinishReason, string>>>;
  /** What the client, or its wire, cannot tell. Default: it tells all. */
  readonly cannotTell?: readonly Matter[] | undefined;
  /** Asks for a stream, with a tool on offer, and tells what it read. Rejects with the client's own error. */
  ask(question: JudgeQuestion): Promise<Verdict>;
  /** Asks the same without a stream. */
  askWhole(url: string): Promise<Verdict>;
}

/** What a client may be unable to tell: `words` are those of a refusal. */
export type Matter = 'thinking' | 'cache' | 'words' | 'error in the stream';

/** What a judge asks. */
export interface JudgeQuestion {
  /** Where the mock stands. */
  readonly url: string;
  /** Hears each piece of text as it comes. */
  readonly hear: (text: string) => void;
}

/** What a client read, in one shape for all. */
export interface Verdict {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** In the client's own word. */
  readonly finish: string | undefined;
  /** The cached ones included. */
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** The key that judges show. */
export const KEY = 'sk-judge-0123456789abcdef';

/** The tool that is on offer in every question. */
export const TOOL = {
  name: 'add',
  description: 'Adds two numbers',
  schema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
} as const;

/** What every judge asks. */
export const PROMPT = 'What is a sluice?';

/** Loads a client from this folder's own packages. Each judge says as much of its type as it needs. */
export const load: (name: string) => unknown = createRequire(import.meta.url);
