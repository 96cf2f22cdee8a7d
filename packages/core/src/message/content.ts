import type { JsonObject } from '../base/json.ts';

/**
 * What a provider sent along with a part and wants back unchanged (signatures, encrypted reasoning), by provider name.
 * Dropped when the conversation moves to another provider.
 */
export type ProviderExtra = Readonly<Record<string, JsonObject>>;

/** One piece of a message's content. */
export type ContentPart =
  | TextPart
  | ImagePart
  | ThinkingPart
  | ToolCallPart
  | ToolResultPart
  | ProviderPart;

/** Plain text. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly extra?: ProviderExtra | undefined;
}

/** An image, by URL or as base64 bytes. */
export interface ImagePart {
  readonly type: 'image';
  readonly source:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string };
  readonly extra?: ProviderExtra | undefined;
}

/** A model's thinking before its answer. */
export interface ThinkingPart {
  readonly type: 'thinking';
  readonly text: string;
  readonly extra?: ProviderExtra | undefined;
}

/** A model's wish to have a tool called. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly call: ToolCall;
  readonly extra?: ProviderExtra | undefined;
}

/** One call of a tool, complete. `input` is the parsed JSON; when it did not parse, `inputError` says so. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly inputError?: string | undefined;
}

/** What a tool answered. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly name: string;
  readonly content: string;
  readonly isError?: boolean | undefined;
}

/**
 * What a provider did by itself, such as a search of the web or code that it ran. It goes back, as it came, to the
 * provider whose extra it is, and to no other.
 */
export interface ProviderPart {
  readonly type: 'provider';
  /** What it is, in the provider's word, such as `web_search_call`. */
  readonly kind: string;
  readonly extra: ProviderExtra;
}
