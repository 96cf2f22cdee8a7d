import type { JsonObject } from '../base/json.ts';
import type { ContentPart, ToolCall } from './content.ts';
import type { AssistantMessage, Message } from './message.ts';
import type { OutputSchema } from './schema.ts';

/** What is asked of a model. */
export interface CompletionRequest {
  readonly messages: readonly Message[];
  /** Overrides the client's model. */
  readonly model?: string | undefined;
  /** The most tokens to answer with. Default: the provider's. */
  readonly maxTokens?: number | undefined;
  /** From 0 to the provider's bound (1 or 2). Default: the provider's. */
  readonly temperature?: number | undefined;
  /** From 0 to 1. Default: the provider's. */
  readonly topP?: number | undefined;
  /** Texts at which the model stops. */
  readonly stop?: readonly string[] | undefined;
  /** The tools that the model may ask for. */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Whether, and which, tools are to be called. Default: as the model sees fit. */
  readonly toolChoice?: ToolChoice | undefined;
  /** Asks for an answer in JSON that fits a schema. Default: free text. */
  readonly output?: OutputFormat | undefined;
  /** How much the model may think before it answers. Default: the provider's. */
  readonly thinking?: ThinkingOptions | 'off' | undefined;
  /** Asks for the same answer to the same question, as far as the provider can. An integer. Default: none. */
  readonly seed?: number | undefined;
  /** Fields of the provider's own wire, merged last into the body. */
  readonly providerOptions?: JsonObject | undefined;
}

/** Whether tools are to be called: as the model sees fit, not at all, at least one, or the one of this name. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The form of an answer in JSON. */
export interface OutputFormat {
  readonly schema: OutputSchema;
  /** What the model sees it called: letters, digits, `_` and `-`. @defaultValue `'output'` */
  readonly name?: string | undefined;
}

/** How much a model may think. Each provider takes what it knows of it; without either it thinks as it sees fit. */
export interface ThinkingOptions {
  /** The most tokens to think with. */
  readonly budgetTokens?: number | undefined;
  readonly effort?: 'low' | 'medium' | 'high' | undefined;
}

/** A tool as a model sees it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the input. */
  readonly inputSchema: JsonObject;
}

/** One element of a completion's stream. A failure throws; there is no error element. */
export type CompletionChunk =
  | {
      readonly type: 'start';
      readonly model?: string | undefined;
      readonly responseId?: string | undefined;
      readonly requestId?: string | undefined;
    }
  | { readonly type: 'text'; readonly index: number; readonly delta: string }
  | { readonly type: 'thinking'; readonly index: number; readonly delta: string }
  | {
      readonly type: 'tool-start';
      readonly index: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly type: 'tool-delta'; readonly index: number; readonly delta: string }
  | { readonly type: 'tool'; readonly index: number; readonly call: ToolCall }
  | { readonly type: 'part'; readonly index: number; readonly part: ContentPart }
  | { readonly type: 'usage'; readonly usage: Usage }
  | DoneChunk;

/**
 * The last element: the answer is whole. `message` is what the chunks add up to.
 * A client leaves `attempts` empty; the client pool lists what it tried.
 */
export interface DoneChunk {
  readonly type: 'done';
  readonly finish: Finish;
  readonly usage: Usage;
  readonly message: AssistantMessage;
  readonly attempts: readonly Attempt[];
}

/** Why the model stopped: the common word, and the provider's own. */
export interface Finish {
  readonly reason: FinishReason;
  readonly raw?: string | undefined;
}

/** Why a model stopped, in the same words for every provider. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** Tokens used. */
export interface Usage {
  readonly input: {
    readonly total: number;
    readonly cacheRead?: number | undefined;
    readonly cacheWrite?: number | undefined;
  };
  readonly output: { readonly total: number; readonly reasoning?: number | undefined };
  /** True when the provider did not say and Sluice counted characters. */
  readonly estimated?: boolean | undefined;
}

/** One try at one target, as listed in the answer and in errors. */
export interface Attempt {
  /** Counts from 1 within its call. */
  readonly attempt: number;
  /** The provider's name in the client pool. */
  readonly provider: string;
  readonly model: string;
  readonly durationMs: number;
  readonly outcome: 'finished' | 'failed' | 'aborted';
  /** The error's stable code, when it failed. */
  readonly code?: string | undefined;
}

/** A whole answer: what a stream of chunks adds up to. */
export interface Completion {
  readonly message: AssistantMessage;
  /** The text of the message. */
  readonly text: string;
  readonly finish: Finish;
  readonly usage: Usage;
  readonly model?: string | undefined;
  readonly responseId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly attempts: readonly Attempt[];
}

/** What had arrived when a stream ended early: never empty of meaning, never a success. */
export interface PartialCompletion {
  readonly message: AssistantMessage;
  readonly text: string;
  readonly usage: Usage;
}
